"""The columns of a class list, and the headings under which portals, schools and teachers write them."""

from __future__ import annotations

from enum import StrEnum


class Column(StrEnum):
    """What a column means; the value is how a message calls it."""

    UDISE = "UDISE code"
    SCHOOL_CODE = "school code"
    SCHOOL = "school name"
    DISTRICT = "district"
    BLOCK = "block"
    CLASS = "class"
    SECTION = "section"
    CHILD = "child's name"
    GUARDIAN = "guardian"
    FATHER = "father"
    MOTHER = "mother"
    MOBILE = "mobile number"
    PARENT_MOBILE = "parent's mobile number"
    ALTERNATE = "alternate number"
    LANGUAGE = "language"
    ADMISSION = "admission number"
    STUDENT_ID = "student's number"


MANY = frozenset({Column.PARENT_MOBILE, Column.ALTERNATE, Column.STUDENT_ID, Column.SCHOOL_CODE})
"""Columns that a list may have more than once."""

PHONES = (Column.MOBILE, Column.PARENT_MOBILE, Column.ALTERNATE)
"""In the order in which a family's numbers are tried."""

STAND_INS = {Column.UDISE: Column.SCHOOL_CODE, Column.ADMISSION: Column.STUDENT_ID}
"""What is read where a list has no column of the first kind."""

# "Sr No" is left out on purpose: in most lists it counts lines, and a child known by its line would become another
# child as soon as somebody sorts the list.
SPELLINGS: dict[Column, tuple[str, ...]] = {
    Column.UDISE: (
        "udise", "udise code", "u-dise code", "udise no", "udise number", "udise id", "school udise",
        "school udise code", "udise school code", "udise+ code", "udise plus code", "dise code",
        "ਯੂਡਾਈਸ ਕੋਡ", "ਯੂ ਡਾਇਸ ਕੋਡ", "ਯੂਡਾਈਸ",
        "यूडाइस कोड", "यूडीआईएसई कोड", "यूडाइस", "यू-डायस कोड", "डाइस कोड",
    ),
    Column.SCHOOL_CODE: (
        "school code", "school id", "code of school", "ਸਕੂਲ ਕੋਡ", "ਸਕੂਲ ਦਾ ਕੋਡ", "स्कूल कोड", "विद्यालय कोड", "विद्यालय का कोड",
    ),
    Column.SCHOOL: (
        "school", "school name", "name of school", "name of the school", "institution", "institute name",
        "ਸਕੂਲ", "ਸਕੂਲ ਦਾ ਨਾਮ", "ਸਕੂਲ ਦਾ ਨਾਂ", "ਸਕੂਲ ਨਾਮ",
        "स्कूल", "स्कूल का नाम", "विद्यालय", "विद्यालय का नाम", "स्कूल नाम",
    ),
    Column.DISTRICT: (
        "district", "district name", "name of district", "distt", "dist", "ਜ਼ਿਲ੍ਹਾ", "ਜਿਲਾ", "ज़िला", "जनपद", "ज़िले का नाम",
    ),
    Column.BLOCK: (
        "block", "block name", "name of block", "education block", "ਬਲਾਕ", "ਬਲਾਕ ਦਾ ਨਾਮ", "ब्लॉक", "खंड", "विकासखंड",
        "ब्लॉक का नाम",
    ),
    Column.CLASS: (
        "class", "class name", "grade", "std", "standard", "class section", "class and section", "class & section",
        "current class", "studying class", "present class", "class studying", "class sec",
        "ਜਮਾਤ", "ਸ਼੍ਰੇਣੀ", "ਕਲਾਸ", "ਜਮਾਤ ਸੈਕਸ਼ਨ", "कक्षा", "श्रेणी", "क्लास", "जमात", "कक्षा वर्ग", "कक्षा अनुभाग",
    ),
    Column.SECTION: (
        "section", "sec", "section name", "division", "div", "ਸੈਕਸ਼ਨ", "ਭਾਗ", "सेक्शन", "अनुभाग", "वर्ग", "खण्ड सेक्शन",
    ),
    Column.CHILD: (
        "name", "student", "student name", "students name", "student's name", "name of student", "name of the student",
        "student full name", "full name", "child", "child name", "child's name", "name of child", "name of the child",
        "pupil", "pupil name", "pupil's name", "learner name", "name of pupil", "name of learner", "bachche ka naam",
        "ਨਾਮ", "ਨਾਂ", "ਵਿਦਿਆਰਥੀ", "ਵਿਦਿਆਰਥੀ ਦਾ ਨਾਮ", "ਵਿਦਿਆਰਥੀ ਦਾ ਨਾਂ", "ਵਿਦਿਆਰਥੀ ਨਾਮ", "ਬੱਚੇ ਦਾ ਨਾਮ", "ਬੱਚੇ ਦਾ ਨਾਂ",
        "ਬੱਚਾ", "नाम", "विद्यार्थी", "विद्यार्थी का नाम", "छात्र", "छात्र का नाम", "छात्रा का नाम", "छात्र/छात्रा का नाम",
        "छात्र छात्रा का नाम", "बच्चे का नाम", "बच्चा", "शिक्षार्थी का नाम", "छात्र नाम",
    ),
    Column.GUARDIAN: (
        "guardian", "guardian name", "guardian's name", "name of guardian", "name of the guardian", "parent",
        "parent name", "parent's name", "parents name", "name of parent", "parent guardian name",
        "parent/guardian name", "father/guardian name", "father's/guardian's name", "father mother name",
        "ਸਰਪ੍ਰਸਤ", "ਸਰਪ੍ਰਸਤ ਦਾ ਨਾਮ", "ਸਰਪ੍ਰਸਤ ਦਾ ਨਾਂ", "ਮਾਪੇ", "ਮਾਪਿਆਂ ਦਾ ਨਾਮ", "ਮਾਪਿਆਂ ਦਾ ਨਾਂ",
        "अभिभावक", "अभिभावक का नाम", "संरक्षक", "संरक्षक का नाम", "माता-पिता का नाम", "पिता/अभिभावक का नाम",
    ),
    Column.FATHER: (
        "father", "father name", "father's name", "name of father", "fathers name", "name of the father",
        "ਪਿਤਾ", "ਪਿਤਾ ਦਾ ਨਾਮ", "ਪਿਤਾ ਦਾ ਨਾਂ", "पिता", "पिता का नाम",
    ),
    Column.MOTHER: (
        "mother", "mother name", "mother's name", "name of mother", "mothers name", "name of the mother",
        "ਮਾਤਾ", "ਮਾਤਾ ਦਾ ਨਾਮ", "ਮਾਤਾ ਦਾ ਨਾਂ", "ਮਾਂ ਦਾ ਨਾਮ", "माता", "माता का नाम", "माँ का नाम",
    ),
    Column.MOBILE: (
        "mobile", "mobile no", "mobile number", "mob", "mob no", "mob number", "phone", "phone no", "phone number",
        "ph no", "contact", "contact no", "contact number", "cell", "cell no", "registered mobile",
        "registered mobile no", "registered mobile number", "primary mobile", "primary mobile no",
        "primary contact number", "primary number", "mobile num", "telephone", "tel no", "student mobile",
        "student mobile no", "student mobile number", "family mobile number",
        "ਮੋਬਾਈਲ", "ਮੋਬਾਇਲ", "ਮੋਬਾਈਲ ਨੰਬਰ", "ਮੋਬਾਇਲ ਨੰਬਰ", "ਮੋਬਾਈਲ ਨੰ", "ਮੋਬਾਇਲ ਨੰ", "ਫ਼ੋਨ", "ਫ਼ੋਨ ਨੰਬਰ", "ਫੋਨ ਨੰ",
        "ਸੰਪਰਕ ਨੰਬਰ", "ਸੰਪਰਕ",
        "मोबाइल", "मोबाईल", "मोबाइल नंबर", "मोबाइल नम्बर", "मोबाईल नंबर", "मोबाइल न", "मोबाइल नं", "मोबाइल संख्या", "फ़ोन",
        "फ़ोन नंबर", "फोन नम्बर", "दूरभाष", "संपर्क", "संपर्क नंबर", "सम्पर्क नंबर", "संपर्क सूत्र",
    ),
    Column.PARENT_MOBILE: (
        "father mobile", "father mobile no", "father mobile number", "father's mobile", "father's mobile no",
        "father's mobile number", "father phone", "father's phone", "father contact no", "father's contact no",
        "father's contact number", "mobile no of father", "mobile number of father", "mobile no father",
        "mobile number father",
        "mother mobile", "mother mobile no", "mother mobile number", "mother's mobile", "mother's mobile no",
        "mother's mobile number", "mother phone", "mother's phone", "mother contact no", "mother's contact no",
        "mobile no of mother", "mobile number of mother", "mobile no mother", "mobile number mother",
        "guardian mobile", "guardian mobile no", "guardian mobile number", "guardian's mobile no",
        "guardian's mobile number", "guardian phone", "guardian contact no", "guardian contact number",
        "parent mobile", "parent mobile no", "parent mobile number", "parent's mobile no", "parents mobile no",
        "parents mobile number", "parent's mobile number", "parent phone", "parent contact no",
        "parent contact number", "whatsapp", "whatsapp no", "whatsapp number",
        "ਪਿਤਾ ਦਾ ਮੋਬਾਈਲ", "ਪਿਤਾ ਦਾ ਮੋਬਾਈਲ ਨੰਬਰ", "ਪਿਤਾ ਦਾ ਫ਼ੋਨ", "ਮਾਤਾ ਦਾ ਮੋਬਾਈਲ", "ਮਾਤਾ ਦਾ ਮੋਬਾਈਲ ਨੰਬਰ",
        "ਮਾਤਾ ਦਾ ਫ਼ੋਨ", "ਮਾਪਿਆਂ ਦਾ ਮੋਬਾਈਲ ਨੰਬਰ", "ਮਾਪਿਆਂ ਦਾ ਮੋਬਾਈਲ", "ਸਰਪ੍ਰਸਤ ਦਾ ਮੋਬਾਈਲ ਨੰਬਰ", "ਵਟਸਐਪ ਨੰਬਰ",
        "पिता का मोबाइल", "पिता का मोबाइल नंबर", "पिता का फ़ोन", "माता का मोबाइल", "माता का मोबाइल नंबर", "माता का फ़ोन",
        "अभिभावक का मोबाइल", "अभिभावक का मोबाइल नंबर", "अभिभावक मोबाइल नंबर", "माता-पिता का मोबाइल नंबर", "व्हाट्सएप नंबर",
    ),
    Column.ALTERNATE: (
        "alternate", "alternate no", "alternate number", "alternate mobile", "alternate mobile no",
        "alternate mobile number", "alternate phone", "alternate phone no", "alternate phone number",
        "alternate contact", "alternate contact no", "alternate contact number", "alternative no",
        "alternative number", "alternative mobile no", "alternative mobile number", "alt no", "alt number",
        "alt mobile", "alt mobile no", "alt mobile number", "alt phone", "second mobile", "second mobile no",
        "second number", "second mobile number", "secondary mobile", "secondary mobile no", "secondary number",
        "secondary mobile number", "other mobile no", "other number", "emergency contact",
        "emergency contact no", "emergency contact number", "emergency number",
        "ਦੂਜਾ ਨੰਬਰ", "ਦੂਜਾ ਮੋਬਾਈਲ", "ਦੂਜਾ ਮੋਬਾਈਲ ਨੰਬਰ", "ਬਦਲਵਾਂ ਨੰਬਰ", "ਬਦਲਵਾਂ ਮੋਬਾਈਲ ਨੰਬਰ", "ਹੋਰ ਨੰਬਰ",
        "दूसरा नंबर", "दूसरा मोबाइल", "दूसरा मोबाइल नंबर", "वैकल्पिक नंबर", "वैकल्पिक मोबाइल", "वैकल्पिक मोबाइल नंबर", "अन्य नंबर",
    ),
    Column.LANGUAGE: (
        "language", "call language", "language of call", "home language", "mother tongue", "preferred language",
        "language preference", "lang", "ਭਾਸ਼ਾ", "ਮਾਤ ਭਾਸ਼ਾ", "ਮਾਂ ਬੋਲੀ", "ਬੋਲੀ", "भाषा", "मातृभाषा", "मातृ भाषा", "बोली",
    ),
    Column.ADMISSION: (
        "admission no", "admission number", "admn no", "adm no", "adm number", "admission", "admission register no",
        "admission register number", "scholar no", "scholar number", "scholar register no", "gr no",
        "general register no", "ਦਾਖ਼ਲਾ ਨੰਬਰ", "ਦਾਖਲਾ ਨੰ", "ਦਾਖ਼ਲਾ ਖਾਰਜ ਨੰਬਰ",
        "प्रवेश संख्या", "प्रवेश क्रमांक", "प्रवेश नंबर", "प्रवेश सं", "दाख़िला नंबर", "दाखिला संख्या", "स्कॉलर नंबर",
    ),
    Column.STUDENT_ID: (
        "student id", "student code", "student no", "student number", "pupil id", "enrolment no", "enrollment no",
        "enrolment number", "enrollment number", "registration no", "registration number", "reg no", "epunjab id",
        "e-punjab id", "student epunjab id", "pen", "pen no", "student pen", "permanent education number",
        "ਵਿਦਿਆਰਥੀ ਆਈਡੀ", "ਰਜਿਸਟ੍ਰੇਸ਼ਨ ਨੰਬਰ", "छात्र आईडी", "विद्यार्थी आईडी", "पंजीकरण संख्या", "नामांकन संख्या",
    ),
}  # fmt: skip
