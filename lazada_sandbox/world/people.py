"""Buyers with the awkward names and addresses real orders carry, and how they are masked."""
from .models import Buyer
from .sites import SITES

# name, address1, address3 (state), address4 (city or district), address5, city, post code
PROFILES = {
    'sg': [
        ('Tan Wei Ming', '12 Contoh Avenue 4, #08-15', 'Singapore', 'Singapore', '560012',
         'Singapore', '560012'),
        ('Nur Aisyah Binte Rahman 🌸', '318 Sample Road, #01-59', 'Singapore', 'Singapore',
         '520318', 'Singapore-Singapore-520318', '520318'),
        ("O'Neil, Shaun & Co <b>", '7 Example Walk', 'Singapore', 'Singapore', '049483',
         'Singapore', '049483'),
    ],
    'my': [
        ('Ahmad Faiz bin Contoh', 'Lot 7, Jalan Misalan 2/3', 'Selangor', 'Petaling Jaya', '46000',
         'Petaling Jaya', '46000'),
        ('陈美玲', '23A, Lorong Contoh, Taman Sampel', 'Pulau Pinang', 'George Town', '10050',
         'George Town', '10050'),
    ],
    'ph': [
        ('Maria Clara Halimbawa-Santos', 'Blk 5 Lot 12, Sample Village', 'Metro Manila',
         'Quezon City', 'Batasan Hills', 'Quezon City', ''),
        ('José Niño Peña', 'Unit 4B, 88 Example St.', 'Cebu', 'Cebu City', 'Lahug', 'Cebu City',
         '6000'),
        ('=HYPERLINK("http://example.com","Prize")', '1 Formula Street', 'Laguna', 'Calamba',
         'Real', 'Calamba', '4027'),
    ],
    'th': [
        ('สมหญิง  ตัวอย่าง', '111/9 หมู่บ้านตัวอย่าง ถนนกาญจนาภิเษก', 'นนทบุรี/ Nonthaburi',
         'บางใหญ่/ Bang Yai', '11140', 'บางใหญ่/ Bang Yai', '11140'),
        ('Somchai Example', 'Example Condo 12/34 Ratchadaphisek', 'กรุงเทพมหานคร/ Bangkok',
         'ดินแดง/ Din Daeng', '10400', 'ดินแดง/ Din Daeng', '10400'),
        ('สมปอง  ตัวอย่าง', '1 ถนนประชาราษฎร์ สาย 1', 'กรุงเทพมหานคร/ Bangkok',
         'บางซื่อ/ Bang Sue', '10800', 'บางซื่อ/ Bang Sue', '10800'),
    ],
    'vn': [
        ('Nguyễn Văn Mẫu', 'số 12 ngõ 34 phố Ví Dụ', 'Hà Nội', 'Quận Hà Đông', 'Phường Mộ Lao',
         'Quận Hà Đông', ''),
        ('Trần Thị Thử', '56 Đường Mẫu', 'Hồ Chí Minh', 'Quận 1', 'Phường Bến Nghé', 'Quận 1', ''),
    ],
    'id': [
        ('Budi Contoh', 'Jl. Contoh No. 5, RT 01 / RW 02', 'DKI Jakarta',
         'Kota Jakarta Selatan', 'Kebayoran Baru', 'Kota Jakarta Selatan', ''),
    ],
}


def make_buyer(site, random):
    """A buyer of `site`; the same few faces, each with an id and phone of their own."""
    name, address1, address3, address4, address5, city, post_code = random.choice(PROFILES[site])
    prefix = SITES[site].phone_prefix
    return Buyer(
        buyer_id=100_100_000_000 + random.randrange(10 ** 8),
        name=name,
        phone=f'{prefix}{random.randrange(8 * 10 ** 7, 10 ** 8)}',
        address1=address1, address3=address3, address4=address4, address5=address5,
        city=city, post_code=post_code,
    )


def mask(text):
    """First and last character, asterisks between."""
    return text if len(text) < 3 else f'{text[0]}{"*" * (len(text) - 2)}{text[-1]}'


def mask_phone(phone):
    """Country code and the last two digits stay."""
    return f'{phone[:2]}{"*" * 8}{phone[-2:]}' if len(phone) > 4 else phone
