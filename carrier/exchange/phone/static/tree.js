// The customer's call tree with the present node lit up, and those that the call came through; drawn by the customer.
export class TreeView {
  constructor(section) {
    this.section = section;
    this.box = section.querySelector(".drawing");
    this.words = section.querySelector(".where");
    this.name = "";
    this.turn = Promise.resolve();
  }

  // `place` is what an answer's header said: tree/node.
  show(place) {
    const [tree, node] = place.split("/");
    if (!tree || !node) return;
    // In the order of the answers, however long a drawing takes to come.
    this.turn = this.turn.then(() => this.light(tree, node)).catch(() => this.tell(place));
  }

  async light(tree, node) {
    if (tree !== this.name) await this.load(tree);
    for (const lit of this.box.querySelectorAll(".here")) { lit.classList.remove("here"); lit.classList.add("been"); }
    const here = this.box.querySelector(`[data-node="${CSS.escape(node)}"]`);
    this.words.textContent = `${tree}: ${node}`;
    this.section.dataset.node = node;
    if (!here) return;
    here.classList.remove("been");
    here.classList.add("here");
    const spot = here.getBoundingClientRect(), frame = this.box.getBoundingClientRect();
    this.box.scrollTo({
      left: this.box.scrollLeft + spot.left + spot.width / 2 - frame.left - frame.width / 2,
      top: this.box.scrollTop + spot.top + spot.height / 2 - frame.top - frame.height / 3,
    });
  }

  // Without a drawing the words alone.
  tell(place) {
    this.box.replaceChildren();
    this.words.textContent = place;
    this.section.hidden = false;
  }

  async load(tree) {
    this.name = "";
    const answer = await fetch(`/phone/trees/${encodeURIComponent(tree)}.svg`);
    if (!answer.ok) throw new Error(answer.status);
    const drawn = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
    if (drawn.localName !== "svg") throw new Error("that is no drawing");
    this.box.replaceChildren(document.importNode(drawn, true));
    this.name = tree;
    this.section.hidden = false;
  }

  // A new call begins: where the last one went is no longer of interest.
  clear() {
    for (const lit of this.box.querySelectorAll(".here, .been")) lit.classList.remove("here", "been");
    this.words.textContent = "";
    delete this.section.dataset.node;
  }
}
