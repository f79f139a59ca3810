"""What people of Thai schools choose first: words, years, and lists of words by how common."""

from functools import lru_cache

from search.thai import word_list

SHORTEST_WORD = 3  # a name of two characters stands in too many words by chance
COMMON_WORDS = 6_000  # of the Thai textbook corpus; rarer ones are as good as unknown
YEARS = tuple(str(year) for year in range(2480, 2600))  # of birth and today, Buddhist era

# Beside the international lists; both scripts, since names of users are typed without Thai.
HABITS = (
    *("รหัสผ่าน", "รหัส", "พาสเวิร์ด", "สวัสดี", "สวัสดีครับ", "สวัสดีค่ะ", "ขอบคุณครับ", "ขอบคุณค่ะ"),
    *("คิดถึง", "รักนะ", "รักแม่", "รักพ่อ", "รักเธอ", "แม่จ๋า", "ลูกรัก", "โชคดี", "ประเทศไทย", "คนไทย"),
    *("นักเรียน", "โรงเรียน", "ห้องเรียน", "บทเรียน", "คลังบทเรียน", "สำนักงาน", "เขตพื้นที่", "การศึกษา"),
    *("ผู้ดูแล", "ผู้ดูแลระบบ", "แอดมิน", "ธุรการ", "วิชาการ", "ประถม", "มัธยม", "คอมพิวเตอร์"),
    *(
        "khlang",
        "bothrian",
        "rianroo",
        "khlangbotrian",
        "lesson",
        "library",
        "sesao",
        "obec",
        "dlict",
    ),
    *("sawasdee", "sawatdee", "khobkhun", "kidtueng", "rakna", "raknaja", "rakmae", "rakpor"),
    *("chokdee", "narak", "khonthai", "thailand", "bangkok", "chiangmai", "isan", "esan"),
    *("krub", "jaja", "naka", "somtum", "somtam", "mamuang", "maew", "luknong", "raktur"),
)
# They surround a name and add nothing that is unknown.
TITLES = (
    *("คุณครู", "ครู", "คุณ", "อาจารย์", "ผอ", "รอง", "นาย", "นาง", "นางสาว", "ด.ช.", "ด.ญ."),
    *("แอดมิน", "ผู้ดูแล", "นักเรียน", "โรงเรียน", "รหัสผ่าน", "รหัส", "สพป", "สพม", "เขต"),
    *("khunkru", "khru", "kru", "ajarn", "ajan", "teacher", "student", "school", "admin"),
    *("administrator", "password", "pass", "office", "user", "khun", "love"),
)
KINDS_OF_PLACES = ("บ้าน", "วัด", "ชุมชน", "อนุบาล")


@lru_cache(maxsize=1)
def common_words() -> tuple[str, ...]:
    """Return what is tried first, the most usual first."""
    corpus = word_list("ttc_freq.txt").read_text("utf-8").splitlines()
    words = (line.partition("\t")[0] for line in corpus[:COMMON_WORDS])
    return (*HABITS, *YEARS, *words)


@lru_cache(maxsize=1)
def given_names() -> frozenset[str]:
    """Return Thai given names: none is more usual than another."""
    lists = ("person_names_female_th.txt", "person_names_male_th.txt")
    return frozenset(
        name
        for each in lists
        for name in word_list(each).read_text("utf-8").splitlines()
        if len(name) >= SHORTEST_WORD
    )
