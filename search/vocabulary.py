"""What learning areas, kinds and levels are called: words by which lessons of them are found."""

LEARNING_AREAS: dict[str, str] = {
    "ท": "ภาษาไทย",
    "ค": "คณิตศาสตร์",
    "ว": "วิทยาศาสตร์และเทคโนโลยี",
    "ส": "สังคมศึกษา ศาสนา และวัฒนธรรม",
    "พ": "สุขศึกษาและพลศึกษา",
    "ศ": "ศิลปะ",
    "ง": "การงานอาชีพ",
    "ต": "ภาษาต่างประเทศ",
}
KINDS: dict[str, str] = {
    "video": "วิดีโอ",
    "audio": "เสียง",
    "document": "เอกสาร",
    "image": "รูปภาพ",
    "package": "สื่อโต้ตอบ",
    "course": "รายวิชา",
}
LEVELS: dict[str, str] = {"A": "อนุบาล", "P": "ประถม", "M": "มัธยม"}

# What people call a learning area beside its name.
SHORT_NAMES: dict[str, str] = {
    "ว": "วิทยาศาสตร์ เทคโนโลยี",
    "ส": "สังคมศึกษา",
    "พ": "สุขศึกษา พลศึกษา",
    "ต": "ภาษาอังกฤษ",
}
