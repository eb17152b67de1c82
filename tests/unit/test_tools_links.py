"""The check of the documentation's links."""

from tools.links import anchors, broken_links


def check(tmp_path, text, **files):
    page = tmp_path / 'page.md'
    page.write_text(text)
    for name, content in files.items():
        (tmp_path / f'{name}.md').write_text(content)
    return broken_links(tmp_path, [page])


def test_links_to_files_and_headings_that_exist_pass(tmp_path):
    text = "# Top\n[a](other.md) [b](other.md#two-words) [c](#top) ![d](other.md) [e](https://x)"
    assert check(tmp_path, text, other="# Two Words\n") == []


def test_a_missing_file_is_found(tmp_path):
    assert check(tmp_path, "see [a](gone.md)") == ['page.md: gone.md']


def test_a_missing_heading_is_found(tmp_path):
    assert check(tmp_path, "[a](other.md#gone)", other="# Here") == ['page.md: other.md#gone']


def test_a_missing_picture_is_found(tmp_path):
    assert check(tmp_path, "![shot](shot.png)") == ['page.md: shot.png']


def test_code_is_no_link(tmp_path):
    assert check(tmp_path, "`[a](gone.md)`\n```\n[b](gone.md)\n```\n") == []


def test_repeated_headings_have_numbered_anchors():
    assert anchors("# A b\n## A b\n### `make run`, now!") == {'a-b', 'a-b-1', 'make-run-now'}
