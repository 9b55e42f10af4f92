from .files import tag_file as tag_file
from .parts import TaggedFile as TaggedFile
from .work import tag_partition as tag_partition
