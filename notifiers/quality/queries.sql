-- name: messages_to_read
-- fills: notifiers.quality.chore.MessageToRead
-- Of the latest messages those whose counters are not what they were when their deliveries were last read. $2 posted since (story time).
SELECT late.id, late.counters
FROM (
    SELECT message.id, message.posted_at, message.sealed_at,
           ARRAY[message.confirmed, message.handed_over, message.trying, message.unknown, message.unreachable, message.opted_out,
                 message.excluded, message.deliveries] AS counters
    FROM message WHERE message.community_id = $1 ORDER BY message.id DESC LIMIT $3
) AS late
LEFT JOIN quality_seen AS seen ON seen.community_id = $1 AND seen.message_id = late.id
WHERE late.posted_at > $2 AND late.sealed_at IS NOT NULL AND seen.counters IS DISTINCT FROM late.counters
ORDER BY late.id
LIMIT $4

-- name: reached_addresses
-- Addresses that a message reached.
SELECT DISTINCT address FROM delivery_settled
WHERE community_id = $1 AND message_id = $2 AND state = 'delivered' AND contact_point_id IS NOT NULL

-- name: failures
-- fills: notifiers.quality.chore.Failure
-- What failed of a message, through which gateway, and whether that had taken it first.
SELECT settled.no, settled.address, settled.reason, channel.gateway_id, channel.kind = 'by_hand' AS by_hand,
       settled.taken_at_once OR EXISTS (SELECT FROM delivery_attempt AS attempt
               WHERE attempt.community_id = $1 AND attempt.message_id = $2 AND attempt.no = settled.no
                 AND attempt.outcome = 'accepted') AS accepted_before
FROM delivery_settled AS settled
JOIN channel ON channel.community_id = $1 AND channel.id = settled.channel_id
WHERE settled.community_id = $1 AND settled.message_id = $2 AND settled.state = 'failed' AND settled.contact_point_id IS NOT NULL
ORDER BY settled.no

-- name: settled_by_gateway
-- fills: notifiers.quality.chore.Settled
-- How many of a message each gateway has brought to an end or failed at.
SELECT channel.gateway_id, count(*)::int AS settled
FROM delivery_settled AS settled
JOIN channel ON channel.community_id = $1 AND channel.id = settled.channel_id
WHERE settled.community_id = $1 AND settled.message_id = $2
GROUP BY channel.gateway_id

-- name: mark_seen
-- Read as far as its counters were.
INSERT INTO quality_seen (community_id, message_id, counters) VALUES ($1, $2, $3)
ON CONFLICT (community_id, message_id) DO UPDATE SET counters = EXCLUDED.counters

-- name: forget_seen
-- What is not among the latest messages any more.
DELETE FROM quality_seen
WHERE community_id = $1
  AND message_id < (SELECT min(late.id) FROM (
      SELECT message.id FROM message WHERE message.community_id = $1 ORDER BY message.id DESC LIMIT $2) AS late)

-- name: read_to
-- How far replies have been read.
SELECT reply_id FROM quality_mark WHERE community_id = $1

-- name: replies_after
-- fills: notifiers.quality.chore.Reply
-- Replies that answered no alert.
SELECT id, address, text FROM reply WHERE community_id = $1 AND id > $2 AND outcome <> 'matched' ORDER BY id LIMIT $3

-- name: mark_replies
-- How far replies have been read.
INSERT INTO quality_mark (community_id, reply_id) VALUES ($1, $2)
ON CONFLICT (community_id) DO UPDATE SET reply_id = greatest(quality_mark.reply_id, EXCLUDED.reply_id)
