"""The providers of SMS as the settings name them."""

from core.settings import Settings
from sms.africas_talking import AfricasTalkingSender
from sms.infobip import InfobipSender
from sms.sender import SmsSender


def sms_senders(settings: Settings) -> list[SmsSender]:
    """The first provider, and the second where it is set."""
    first = AfricasTalkingSender(
        username=settings.at_username,
        api_key=settings.at_api_key.get_secret_value(),
        base_url=settings.at_base_url,
        sender_id=settings.at_sender_id,
        promo_sender_id=settings.at_promo_sender_id,
    )
    if not settings.infobip_base_url:
        return [first]
    second = InfobipSender(
        base_url=settings.infobip_base_url,
        api_key=settings.infobip_api_key.get_secret_value(),
        sender_id=settings.infobip_sender,
        promo_sender_id=settings.infobip_promo_sender,
        report_url=settings.infobip_report_url,
    )
    return [first, second]
