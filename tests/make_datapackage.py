"""Write data/datapackage.json from the schemas and the data files. Run by hand after the data changed."""

import json

import g7tag
from g7tag.corpus import bundled_codebooks, describe_package
from g7tag.store import data_path, write_atomic

codebooks = [g7tag.open_codebook(path) for path in bundled_codebooks().values()]
content = json.dumps(describe_package(codebooks), indent=1, ensure_ascii=False)
write_atomic(data_path("datapackage.json"), f"{content}\n".encode())
