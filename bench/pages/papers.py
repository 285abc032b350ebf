"""What lies beside the books of a large crowd: SMS, what M-Pesa posted, and the audit trail.

Rows as the service writes them, in sets; nothing here moves money.
"""

from sqlalchemy import Engine, text

from bench.books.crowd import Crowd

# No PIN has this hash: nobody of the crowd dials.
_PINS = text(
    """
    INSERT INTO player_pin (player_id, hash)
    SELECT id, 'none of the crowd dials' FROM player WHERE id BETWEEN :first AND :last ORDER BY id
    """
)
# Every deposit of the crowd was told of once, and its receipt sent by SMS.
_CALLBACKS = text(
    """
    INSERT INTO provider_callback
        (kind, deposit_id, body, trusted, received_at, processed_at, verdict)
    SELECT 'stk', id,
        '{"Body": {"stkCallback": {"ResultCode": 0, "MpesaReceiptNumber": "' || receipt || '"}}}',
        true, succeeded_at, succeeded_at, 'credited'
    FROM deposit WHERE receipt LIKE 'CROWD%' ORDER BY id
    """
)
# M-Pesa was asked about each withdrawal, and answered.
_QUESTIONS = text(
    """
    WITH asked AS (
        INSERT INTO status_question (token, withdrawal_id, conversation_id, answered_at)
        SELECT md5('status' || id), id, 'AG_' || id, ended_at
        FROM withdrawal WHERE receipt LIKE 'CROWD%' ORDER BY id
        RETURNING id
    )
    INSERT INTO provider_callback (kind, question_id, body, trusted, processed_at, verdict)
    SELECT 'status_result', id, '{"Result": {"ResultCode": 0}}', true, kibeezy_now(), 'paid'
    FROM asked
    """
)
_EVENTS = text(
    """
    INSERT INTO audit_event (at, actor, act, subject, details)
    SELECT d.succeeded_at, x.actor, x.act, x.about || ':' || d.player_id,
        jsonb_build_object('amount_cents', d.amount_cents, 'receipt', d.receipt)
    FROM deposit d CROSS JOIN (VALUES
        ('player', 'player.registered', 'player'), ('system', 'deposit.succeeded', 'deposit')
    ) x (actor, act, about)
    WHERE d.receipt LIKE 'CROWD%' ORDER BY d.id
    """
)
_SMS = text(
    """
    INSERT INTO sms_out (player_id, phone, kind, body, status, provider_id, provider_status,
        failure, cost, parts, provider, network, accepted_at, cost_micros, cost_currency,
        queued_at, sent_at, reported_at)
    SELECT p.id, p.phone, x.kind, x.body,
        CASE WHEN p.id % 50 = 0 THEN 'undelivered' ELSE 'delivered' END,
        x.kind || p.id, CASE WHEN p.id % 50 = 0 THEN 'Failed' ELSE 'Success' END,
        CASE WHEN p.id % 50 = 0 THEN 'AbsentSubscriber' END,
        'KES 0.8000', 1, 'africas_talking', '63902', x.at, 800000, 'KES', x.at, x.at, x.at
    FROM player p CROSS JOIN LATERAL (VALUES
        ('code', NULL, kibeezy_now() - (:last - p.id) * interval '0.3 seconds'),
        ('deposit', 'Deposit of KES 1,000 received. Balance KES 1,000.',
         kibeezy_now() - (:last - p.id) * interval '0.3 seconds')
    ) x (kind, body, at)
    WHERE p.id BETWEEN :first AND :last ORDER BY p.id
    """
)
_ANSWERS = text(
    """
    INSERT INTO sms_in (provider_id, phone, body_redacted)
    SELECT 'crowd' || id, phone, 'BAL' FROM player
    WHERE id BETWEEN :first AND :last AND id % 10 = 0
    """
)


def file_papers(owner: Engine, *, crowd: Crowd) -> None:
    """Write them all; once in a database."""
    for statement in (_CALLBACKS, _QUESTIONS, _EVENTS):
        with owner.begin() as connection:
            connection.execute(statement)
    values = {"first": crowd.first, "last": crowd.first + crowd.size - 1}
    for statement in (_PINS, _SMS, _ANSWERS):
        with owner.begin() as connection:
            connection.execute(statement, values)
