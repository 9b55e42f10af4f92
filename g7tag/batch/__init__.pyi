from .files import TaggedFile as TaggedFile
from .files import tag_file as tag_file
