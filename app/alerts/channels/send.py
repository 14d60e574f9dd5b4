"""Sending one message by one channel.

Comes in: the channel, the message, and the delivery that they are of. Goes out: nothing, or Undelivered.
"""

from datetime import datetime
from uuid import UUID

from app.alerts.channels import apprise_channel, email, webhook
from app.alerts.channels.channel import AppriseChannel, Channel, EmailChannel, WebhookChannel
from app.alerts.channels.failures import Undelivered
from app.alerts.channels.outgoing import Outgoing
from app.alerts.channels.settings import sending

__all__ = ["Outgoing", "Undelivered", "send"]


async def send(channel: Channel, message: Outgoing, *, delivery_id: UUID, now: datetime) -> None:
    """Send it, once. The same delivery sent again carries the same id: receivers tell by it.

    Undelivered: it did not arrive, as far as we know; nothing in that failure is secret. ConfigurationError: the process
    was not told how to send.
    """
    told = sending()
    match channel:
        case EmailChannel():
            await email.send(channel, message, delivery_id=delivery_id, now=now, sending=told)
        case WebhookChannel():
            private = told.private_targets
            await webhook.send(channel, message, delivery_id=delivery_id, now=now, private_targets=private)
        case AppriseChannel():
            await apprise_channel.send(channel, message, private_targets=told.private_targets)
