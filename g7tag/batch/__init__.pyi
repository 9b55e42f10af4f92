from .files import tag_file as tag_file
from .partitions import TaggedFile as TaggedFile
