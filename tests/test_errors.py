"""What the system says of a file, in the user's language."""

import errno
import os

import pytest

from cchc_xl.errors import problem_of


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "đĩa đã đầy"),
        (errno.EACCES, "không có quyền, hoặc tệp đang mở ở chương trình khác"),
        (errno.EROFS, "ổ đĩa chỉ cho đọc"),
        (errno.ENAMETOOLONG, "tên tệp hoặc đường dẫn quá dài"),
    ],
)
def test_the_usual_problems_are_said_in_vietnamese(number, said):
    assert problem_of(OSError(number, os.strerror(number), "tong-hop.xlsx")) == said


def test_an_unusual_problem_is_still_said():
    assert problem_of(OSError(errno.EDOM, os.strerror(errno.EDOM))) == os.strerror(errno.EDOM)
    assert problem_of(OSError("share gone")) == "share gone"
    assert problem_of(ValueError("embedded null byte")) == "tên tệp có chữ không ghi được"
