# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Cutting lists to the sizes Lazada takes."""


def batches(rows, size):
    """Consecutive slices of at most `size` rows."""
    return [rows[start:start + size] for start in range(0, len(rows), size)]
