"""Links of the documentation: every relative one leads to a file, and to a heading of it."""

import re

FENCE = re.compile(r'^(```|~~~).*?^\1', re.MULTILINE | re.DOTALL)
CODE = re.compile(r'`[^`\n]*`')
LINK = re.compile(r'!?\[[^\]]*\]\(\s*<?(?P<target>[^)\s>]+)')
HEADING = re.compile(r'^#{1,6}\s+(?P<title>.*?)\s*#*$', re.MULTILINE)
OUTSIDE = ('http://', 'https://', 'mailto:')


def anchors(text):
    """The anchors a web page of this Markdown text has, one for each heading."""
    found = set()
    for match in HEADING.finditer(FENCE.sub('', text)):
        slug = re.sub(r'[^\w\- ]', '', match['title'].lower()).replace(' ', '-')
        number, unique = 0, slug
        while unique in found:
            number += 1
            unique = f'{slug}-{number}'
        found.add(unique)
    return found


def broken_links(root, pages):
    """'page: target' for each relative link of the Markdown pages that leads nowhere."""
    broken = []
    for page in pages:
        text = CODE.sub('', FENCE.sub('', page.read_text()))
        for match in LINK.finditer(text):
            target = match['target']
            if target.startswith(OUTSIDE):
                continue
            path, _, anchor = target.partition('#')
            goal = (page.parent / path).resolve() if path else page
            if not goal.exists() or (
                    anchor and goal.suffix == '.md' and anchor not in anchors(goal.read_text())):
                broken.append(f'{page.relative_to(root)}: {target}')
    return broken
