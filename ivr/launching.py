"""The launch gate: nobody is called with a tree whose words are not written, not there, or not fit to be heard."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from callqueue.runtime import Runtime
from ivr.trees.lint import lint
from ivr.trees.load import parse_tree
from ivr.trees.model import Tree
from ivr.trees.sampling import sampled
from prompts.check import check
from prompts.studio import Studio
from ptm.errors import SunvaiError
from ptm.models import Round, TreeVersion

MOST_TOLD = 8


class NotFit(SunvaiError):
    """A tree cannot be called with. `problems` says which prompt in which language, and how to mend it."""

    def __init__(self, tree: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        told = [f"  {problem}" for problem in self.problems[:MOST_TOLD]]
        more = len(self.problems) - MOST_TOLD
        told += [f"  and {more} more: see `sunvai prompts check` and `sunvai tree lint`"] if more > 0 else []
        super().__init__(f"the call tree {tree} cannot be used yet:\n" + "\n".join(told))


def refuse_unfit(tree: Tree, studio: Studio) -> None:
    """Before a round opens: everything is written, rendered, at the telephone's rate, short enough. Raises NotFit."""
    problems = [str(finding) for finding in lint(tree, studio.catalogue)]
    problems += [str(problem) for problem in check(studio, sampled(tree)).problems]
    if problems:
        raise NotFit(tree.name, problems)


def refuse_unfit_round(parts: Runtime, studio: Studio, round_id: int) -> None:
    """Before a batch is started: as above, but for what its own preparation will render. Raises NotFit."""
    with parts.database.reading() as tx:
        definition = tx.scalar(
            select(TreeVersion.definition)
            .join(Round, Round.tree_hash == TreeVersion.hash)
            .where(Round.id == round_id)
        )  # fmt: skip
    if definition is None:
        return  # there is no such round, which whoever starts the batch will be told
    tree = parse_tree(definition)
    problems = [str(finding) for finding in lint(tree, studio.catalogue)]
    problems += [str(problem) for problem in check(studio, sampled(tree)).problems if not problem.is_missing]
    if problems:
        raise NotFit(tree.name, problems)
