"""What did the operator choose? Every setting, by flag, environment or file, checked before anything starts."""

from avow.settings.chosen import Settings as Settings
from avow.settings.kinds import Secret as Secret
from avow.settings.kinds import parse_master_key as parse_master_key
from avow.settings.sources import CONFIG as CONFIG
from avow.settings.sources import Found as Found
from avow.settings.sources import Place as Place
from avow.settings.table import SETTINGS as SETTINGS
from avow.settings.table import Setting as Setting
