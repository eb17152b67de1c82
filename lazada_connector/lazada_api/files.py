# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Shipping labels and product images, known by their content."""

MAX_LABEL = 10 * 1024 * 1024
MAX_IMAGE = 5 * 1024 * 1024


def is_pdf(content):
    """Do these bytes begin and end as a PDF does?"""
    return content.startswith(b'%PDF-') and b'%%EOF' in content[-1024:]


def is_image(content):
    """Do these bytes begin as a JPEG, PNG, GIF or WebP does?"""
    return content.startswith((b'\xff\xd8\xff', b'\x89PNG\r\n\x1a\n', b'GIF87a', b'GIF89a')) or (
        content.startswith(b'RIFF') and content[8:12] == b'WEBP')
