"""What the demo lessons say."""

from dataclasses import dataclass
from typing import Literal

from server.services.lesson_changes import LessonChanges

OFFICE = "สพป.เพชรบุรี เขต 2 (สาธิต)"
SCHOOLS = ("โรงเรียนบ้านหนองปลาไหล (สาธิต)", "โรงเรียนวัดท่าคอย (สาธิต)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLesson:
    """One lesson: its slides (a heading and lines each), and what a teacher says of it."""

    form: Literal["video", "audio", "document"]
    file_name: str
    title: str
    slides: tuple[tuple[str, ...], ...]
    changes: LessonChanges
    captions: bool = False


LESSONS = (
    DemoLesson(
        form="video",
        file_name="fractions.mp4",
        title="เศษส่วนรอบตัวเรา",
        slides=(
            ("เศษส่วนรอบตัวเรา", "คณิตศาสตร์ ป.4"),
            ("แบ่งขนมให้เท่ากัน", "ขนม 1 ชิ้น แบ่ง 4 ส่วนเท่า ๆ กัน", "แต่ละส่วนคือ หนึ่งในสี่"),
            ("ตัวเศษและตัวส่วน", "ตัวเศษบอกจำนวนส่วนที่นับ", "ตัวส่วนบอกจำนวนส่วนทั้งหมด"),
            ("ลองทำดู", "ระบายสีสามในสี่ของวงกลม", "แล้วเล่าให้เพื่อนฟัง"),
        ),
        changes=LessonChanges(
            description="เรียนรู้ความหมายของเศษส่วนจากการแบ่งขนมให้เพื่อนอย่างเท่าเทียมกัน",
            learning_area="ค",
            grades=["P4"],
            indicators="ค 1.1 ป.4/3",
            tags=["เศษส่วน", "ตัวเศษ", "ตัวส่วน"],
            licence="cc_by",
            visibility="public",
        ),
        captions=True,
    ),
    DemoLesson(
        form="video",
        file_name="water-cycle.mp4",
        title="วัฏจักรของน้ำ",
        slides=(
            ("วัฏจักรของน้ำ", "วิทยาศาสตร์ ป.5"),
            ("การระเหย", "แสงอาทิตย์ทำให้น้ำกลายเป็นไอน้ำ"),
            ("การควบแน่น", "ไอน้ำเย็นตัวลงเป็นละอองน้ำ", "รวมกันเป็นเมฆ"),
            ("หยาดน้ำฟ้า", "ฝนตกลงสู่ผิวโลก", "แล้ววัฏจักรก็เริ่มใหม่"),
        ),
        changes=LessonChanges(
            description="น้ำเดินทางจากทะเลขึ้นไปเป็นเมฆและกลับมาเป็นฝนได้อย่างไร",
            learning_area="ว",
            grades=["P5"],
            indicators="ว 3.2 ป.5/3",
            tags=["น้ำ", "ฝน"],
            licence="thai_oer",
            visibility="area",
        ),
    ),
    DemoLesson(
        form="video",
        file_name="greetings.mp4",
        title="Greetings: ทักทายเป็นภาษาอังกฤษ",
        slides=(
            ("Greetings", "ภาษาอังกฤษ ป.3"),
            ("Good morning!", "สวัสดีตอนเช้า"),
            ("How are you?", "I am fine, thank you."),
            ("Practise with a friend", "ฝึกพูดกับเพื่อน"),
        ),
        changes=LessonChanges(
            description="คำทักทายง่าย ๆ ที่ใช้ได้ทุกวัน",
            learning_area="ต",
            grades=["P3"],
            indicators="ต 1.2 ป.3/1",
            visibility="school",
        ),
    ),
    DemoLesson(
        form="audio",
        file_name="story.m4a",
        title="ฟังนิทาน: กระต่ายกับเต่า",
        slides=(),
        changes=LessonChanges(
            description="นิทานอีสปสำหรับฝึกฟังจับใจความ ใครจะถึงเส้นชัยก่อนกัน",
            learning_area="ท",
            grades=["P1", "P2"],
            visibility="public",
        ),
    ),
    DemoLesson(
        form="document",
        file_name="fractions.pdf",
        title="ใบความรู้เรื่องเศษส่วน",
        slides=(
            ("ใบความรู้: เศษส่วน", "คณิตศาสตร์ ป.4"),
            ("ความหมาย", "เศษส่วนคือจำนวนที่บอกส่วนหนึ่งของทั้งหมด"),
            ("แบบฝึกหัด", "1. ครึ่งหนึ่งเขียนเป็นเศษส่วนได้อย่างไร", "2. สามในสี่มากกว่าครึ่งหนึ่งหรือไม่"),
        ),
        changes=LessonChanges(
            description="พิมพ์แจกหรือเปิดอ่านคู่กับวิดีโอ เศษส่วนรอบตัวเรา",
            learning_area="ค",
            grades=["P4"],
            tags=["ใบความรู้", "เศษส่วน"],
            visibility="public",
        ),
    ),
)
