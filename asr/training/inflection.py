"""Forms of regular words, so that a vocabulary file lists stems. Irregular words are listed in full."""

from __future__ import annotations

import re
from collections.abc import Iterator

Forms = Iterator[tuple[str, str]]

HINDI = {
    "v": {
        "v_na": "ना", "v_ne": "ने", "v_ni": "नी", "v_ta": "ता", "v_te": "ते", "v_ti": "ती", "v_o": "ो", "v_e": "े",
        "v_ega": "ेगा", "v_egi": "ेगी", "v_enge": "ेंगे", "v_unga": "ूँगा", "v_ungi": "ूँगी", "v_en": "ें", "v_a": "ा",
        "v_ye": "े", "v_i": "ी", "v_kar": "कर", "v_iye": "िए", "v_stem": "", "v_oge": "ोगे", "v_un": "ूँ",
    },
    "vv": {  # stems that end in a vowel sign: जा, खा, बना
        "v_na": "ना", "v_ne": "ने", "v_ni": "नी", "v_ta": "ता", "v_te": "ते", "v_ti": "ती", "v_o": "ओ", "v_e": "ए",
        "v_ega": "एगा", "v_egi": "एगी", "v_enge": "एँगे", "v_unga": "ऊँगा", "v_ungi": "ऊँगी", "v_en": "एँ", "v_a": "या",
        "v_ye": "ए", "v_i": "ई", "v_kar": "कर", "v_iye": "इए", "v_stem": "", "v_oge": "ओगे", "v_un": "ऊँ",
    },
    "n_m": {"n": "", "n_on": "ों"},
    "n_f": {"n": "", "n_en": "ें", "n_on": "ों"},
}  # fmt: skip
PUNJABI = {
    "v": {
        "v_na": "ਣਾ", "v_n": "ਣ", "v_ni": "ਣੀ", "v_ne": "ਣੇ", "v_da": "ਦਾ", "v_de": "ਦੇ", "v_di": "ਦੀ", "v_dian": "ਦੀਆਂ",
        "v_o": "ੋ", "v_e": "ੇ", "v_ega": "ੇਗਾ", "v_egi": "ੇਗੀ", "v_nge": "ਣਗੇ", "v_anga": "ਾਂਗਾ", "v_ange": "ਾਂਗੇ",
        "v_ia": "ਿਆ", "v_ie": "ੇ", "v_i": "ੀ", "v_ke": "ਕੇ", "v_iye": "ੀਏ", "v_stem": "", "v_an": "ਾਂ", "v_iyan": "ੀਆਂ",
    },
    "vv": {
        "v_na": "ਣਾ", "v_n": "ਣ", "v_ni": "ਣੀ", "v_ne": "ਣੇ", "v_da": "ਂਦਾ", "v_de": "ਂਦੇ", "v_di": "ਂਦੀ", "v_dian": "ਂਦੀਆਂ",
        "v_o": "ਓ", "v_e": "ਵੇ", "v_ega": "ਵੇਗਾ", "v_egi": "ਵੇਗੀ", "v_nge": "ਣਗੇ", "v_anga": "ਵਾਂਗਾ", "v_ange": "ਵਾਂਗੇ",
        "v_ia": "ਇਆ", "v_ie": "ਏ", "v_i": "ਈ", "v_ke": "ਕੇ", "v_iye": "ਈਏ", "v_stem": "", "v_an": "ਵਾਂ", "v_iyan": "ਈਆਂ",
    },
    "n_m": {"n": "", "n_an": "ਾਂ"},
    "n_f": {"n": "", "n_an": "ਾਂ"},
}  # fmt: skip
ENGLISH_PAST = {
    "beat": "beat", "bring": "brought", "cost": "cost", "draw": "drew", "feel": "felt", "give": "gave", "keep": "kept",
    "leave": "left", "pay": "paid", "send": "sent", "take": "took", "teach": "taught", "tell": "told",
}  # fmt: skip
DOUBLED = {"transfer", "travel"}  # longer words that double their last letter all the same
AFTER_R = re.compile("[ਰੜਣਨਲ]$")  # after these the infinitive is written with ਨ: ਕਰਨਾ


def inflect(language: str, paradigm: str, stem: str) -> Forms:
    """(class, word) for each form of ``stem``. Raises ValueError for a paradigm the language does not have."""
    if language == "en":
        yield from _english(paradigm, stem)
        return
    if paradigm == "n_a" or paradigm == "n_i":
        yield from _long_vowel_noun(language, paradigm, stem)
        return
    table = (HINDI if language == "hi" else PUNJABI).get(paradigm)
    if table is None:
        raise ValueError(f"no paradigm {paradigm!r} in {language}")
    for form, ending in table.items():
        if language == "pa" and paradigm == "v" and ending.startswith("ਣ") and AFTER_R.search(stem):
            ending = "ਨ" + ending[1:]
        yield form, stem + ending


def _long_vowel_noun(language: str, paradigm: str, stem: str) -> Forms:
    """Stems without their last vowel: कमर(ा), लड़क(ी); ਕਮਰ(ਾ), ਕੁੜ(ੀ)."""
    endings = {
        ("hi", "n_a"): ("ा", "े", "ों"), ("hi", "n_i"): ("ी", "ियाँ", "ियों"),
        ("pa", "n_a"): ("ਾ", "ੇ", "ਿਆਂ"), ("pa", "n_i"): ("ੀ", "ੀਆਂ", "ੀਆਂ"),
    }[language, paradigm]  # fmt: skip
    for form, ending in zip(("n", "n_plural", "n_oblique"), endings, strict=True):
        yield form, stem + ending


def _english(paradigm: str, stem: str) -> Forms:
    if paradigm == "noun":
        yield "noun", stem
        yield "nouns", _with_s(stem)
    elif paradigm == "verb":
        yield "verb", stem
        yield "verb_s", _with_s(stem)
        yield "verb_ed", ENGLISH_PAST.get(stem) or _joined(stem, "ed")
        yield "verb_ing", _joined(stem, "ing")
    else:
        raise ValueError(f"no paradigm {paradigm!r} in en")


def _with_s(stem: str) -> str:
    if re.search("(s|x|z|ch|sh)$", stem):
        return stem + "es"
    return stem[:-1] + "ies" if re.search("[^aeiou]y$", stem) else stem + "s"


def _joined(stem: str, ending: str) -> str:
    """``ed`` or ``ing`` added; one syllable with a short vowel doubles its last letter: stopped, stopping."""
    if stem.endswith("ie") and ending == "ing":
        return stem[:-2] + "ying"
    if stem.endswith("e") and not (stem.endswith("ee") and ending == "ing"):
        return stem[:-1] + ending
    if ending == "ed" and re.search("[^aeiou]y$", stem):
        return stem[:-1] + "ied"
    if stem in DOUBLED or re.fullmatch("[^aeiou]*[aeiou][bdgmnprt]", stem):
        return stem + stem[-1] + ending
    return stem + ending
