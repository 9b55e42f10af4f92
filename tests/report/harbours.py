"""An invented codebook of three dimensions, sentences labelled with it, and a report, for several tests."""

HARBOURS = """
id = "2030-harbours"
version = "1"
min_strong_items = 1
[commitment]
id = "2030-03"
number = 3
title = "Harbours"
text = "We will dredge, light and insure harbours."
period_start = 2030-01-01
period_end = 2030-12-31
""" + "".join(
    f'[[{part}]]\nkey = "{key}"\nlabel = "{key}"\ndefinition = "{key}."\n[{part}.cues]\nwords = {cues}\n'
    for part, key, cues in [
        ("dimensions", "dredge", ["dredg*", "silt"]),
        ("dimensions", "light", ["lamp*", "lighthouse*"]),
        ("dimensions", "insure", ["insur*", "premium*"]),
        ("strengths", "strong", ["paid", "built", "signed"]),
        ("strengths", "weak", ["discuss*", "hope*"]),
    ]
) + """
[[members]]
name = "Arcadia"
code = "ARC"
[[members]]
name = "Boreas"
code = "BOR"
[[readings]]
name = "plain"
label = "Plain"
source = "The table."
rules = [
    { name = "strong in all three", score = 1, strong = [3, 3] },
    { name = "strong in one or two", score = 0, strong = [1, 2] },
    { name = "nothing strong", score = -1, strong = [0, 0] },
]
"""  # fmt: skip
LABELLED = """text,dimensions,strength
The ministry paid for ships that dredged silt.,dredge,strong
A contractor was paid to dredge the silt again.,dredge,strong
Officials discussed dredging and hope for less silt.,dredge,weak
The mayor hopes that someone dredges the silt.,dredge,weak
The port built a lighthouse with two lamps.,light,strong
Engineers built lamps into the old lighthouse.,light,strong
The mayor hopes for a lighthouse and more lamps.,light,weak
Officials discussed the lamps of the lighthouse.,light,weak
The port signed an insurance at a low premium.,insure,strong
Arcadia signed and paid the premium of the insurer.,insure,strong
Officials discussed insurers and hope for lower premiums.,insure,weak
The weather was fine and many people came to swim.,,none
"""
HARBOUR_REPORT = """2030 G7 Lagoon Summit Final Compliance Report

3. Oceans: Harbours

"We will dredge, light and insure harbours."

Assessment

	No Compliance	Partial Compliance	Full Compliance
Arcadia			+1
Boreas	−1
Average	0.00 (50%)

Arcadia: +1

Arcadia has fully complied with its commitment on harbours.

On 1 March 2030, the ministry paid for ships that dredged the silt.¹⁰

On 2 March 2030, the port built a lighthouse with three lamps.¹¹

On 3 March 2030, the port signed an insurance and paid the premium.¹²

Thus, Arcadia receives a score of +1.

Analyst: A B

Boreas: −1

Boreas has not complied with its commitment on harbours.

On 4 March 2030, officials discussed the lamps of the lighthouse.¹³

Thus, Boreas receives a score of −1.

Analyst: C D

¹⁰ Silt, Paper (Port) 1 March 2030. Access Date: 2 April 2030. https://a.example/1
¹¹ Lamps, Paper (Port) 2 March 2030. Access Date: 2 April 2030. https://a.example/2
¹² Premium, Paper (Port) 3 March 2030. Access Date: 2 April 2030. https://a.example/3
¹³ Talk, Paper (Port) 4 March 2030. Access Date: 2 April 2030. https://a.example/4
"""
