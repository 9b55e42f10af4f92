from .agreement import coding_agreement as coding_agreement
from .bundled import BUNDLED_NAME as BUNDLED_NAME
from .bundled import bundled_annotations as bundled_annotations
from .bundled import bundled_evidence as bundled_evidence
from .datapackage import describe_package as describe_package
from .reading import bundled_corpus as bundled_corpus
from .reading import read_corpus as read_corpus
from .reading import without_members as without_members
