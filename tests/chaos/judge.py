"""What must hold at the end of a round: the judge of all stories of faults, and beside it what was promised to clients and to gateways."""

from collections import Counter
from urllib.parse import urlsplit

from notifiers.links import make_reference, read_reference
from tests.chaos.stage import Theatre
from tests.harness.oracle import wrongs

# Every claim ends with one word that counted, by its own token, and the last of them is the delivery's.
_ATTEMPTS = """
SELECT d.message_id, d.no, d.attempts, d.token, d.taken_at_once::int + count(a.*) FILTER (WHERE a.seq = 0) AS counted,
       greatest(max(a.token), d.taken_at_once::int) AS last
FROM delivery_settled AS d
LEFT JOIN delivery_attempt AS a ON a.community_id = d.community_id AND a.message_id = d.message_id AND a.no = d.no
GROUP BY d.community_id, d.message_id, d.no, d.attempts, d.token, d.taken_at_once
HAVING d.taken_at_once::int + count(a.*) FILTER (WHERE a.seq = 0) <> d.attempts
    OR greatest(max(a.token), d.taken_at_once::int) <> d.token OR d.token <> d.attempts"""
_BY_SMS = """
SELECT d.community_id, d.message_id, d.no, d.address, d.state,
       (SELECT count(*) FROM delivery_attempt AS a WHERE a.community_id = d.community_id AND a.message_id = d.message_id AND a.no = d.no
        AND a.outcome IN ('unknown', 'lease_expired')) AS uncertain,
       m.kind = 'alert' AND EXISTS (SELECT FROM earlier_way AS e WHERE e.community_id = d.community_id AND e.message_id = d.message_id
                                    AND e.no = d.no) AND EXISTS (
           SELECT FROM delivery_attempt AS a WHERE a.community_id = d.community_id AND a.message_id = d.message_id AND a.no = d.no
           AND a.outcome = 'accepted' UNION ALL SELECT WHERE d.taken_at_once) AS given_up
FROM delivery_settled AS d JOIN channel AS c ON c.community_id = d.community_id AND c.id = d.channel_id
JOIN message AS m ON m.community_id = d.community_id AND m.id = d.message_id WHERE c.kind = 'sms'"""
_PRESSED = {
    "answered": "SELECT EXISTS (SELECT FROM answer AS a JOIN delivery_all AS d ON d.community_id = a.community_id AND d.message_id = $2"
    " AND d.no = $3 WHERE a.community_id = $1 AND a.person_id = d.person_id)",
    "responded": "SELECT EXISTS (SELECT FROM response WHERE community_id = $1 AND message_id = $2)",
}


async def judge(theatre: Theatre) -> list[str]:
    """Everything that must not be; empty where the round went well."""
    found = await wrongs(theatre.owner, theatre.database, theatre.gateways)
    found += [f"an attempt is not on the record: {dict(row)}" for row in await theatre.owner.fetch(_ATTEMPTS)]
    found += await _told_twice(theatre)
    found += await _receipts_taken(theatre)
    found += await _promises_kept(theatre)
    for gateway in theatre.gateways:
        found += gateway.wrong
    return found + theatre.wrong + theatre.promises.wrong


def ended_by_themselves(theatre: Theatre) -> list[str]:
    """Processes that were up and that nobody killed live on, whatever happens around them."""
    kept = [one for one in (theatre.api, *theatre.workers) if one in theatre.lasting]
    return [f"a process has ended by itself: {one.pid}" for one in kept if one.returncode is not None]


async def _told_twice(theatre: Theatre) -> list[str]:
    """By an address and a message, over all gateways: once more at the most than sends were uncertain, said later to have failed, or (of
    alerts) taken without a receipt in time; by one that tells repeats apart, once."""
    found = []
    sent: Counter[tuple[int, int, str]] = Counter()
    for gateway in theatre.gateways:
        own = Counter(_told(one.reference, one.to) for one in gateway.sent)
        sent += own
        if gateway.tells_repeats_apart:
            found += [f"told {times} times by a gateway that tells repeats apart: {told}" for told, times in own.items() if times > 1]
    uncertain: Counter[tuple[int, int, str]] = Counter()
    failed = {reference for gateway in theatre.gateways for reference, states in gateway.heard.items() if "failed" in states}
    for row in await theatre.owner.fetch(_BY_SMS):
        said_failed = make_reference(row["community_id"], row["message_id"], row["no"]) in failed
        uncertain[row["community_id"], row["message_id"], row["address"]] += row["uncertain"] + (said_failed or row["given_up"])
    return found + [
        f"told {times} times with {uncertain[told]} uncertain sends: {told}" for told, times in sent.items() if times > 1 + uncertain[told]
    ]


def _told(reference: str, to: str) -> tuple[int, int, str]:
    target = read_reference(reference)
    return target.community_id, target.message_id, to


async def _receipts_taken(theatre: Theatre) -> list[str]:
    """What the service took of a receipt stands in the delivery's state, and what was forged does not."""
    found = []
    heard = {reference: states for gateway in theatre.gateways for reference, states in gateway.heard.items()}
    for row in await theatre.owner.fetch(_BY_SMS):
        reference = make_reference(row["community_id"], row["message_id"], row["no"])
        said = heard.get(reference, set())
        if ("delivered" in said) != (row["state"] == "delivered"):
            found.append(f"the gateway said {sorted(said)} of {reference}, and it is {row['state']}")
    return found


async def _promises_kept(theatre: Theatre) -> list[str]:
    """Every 2xx that a client saw is on disk, once."""
    owner, promises = theatre.owner, theatre.promises
    incidents = [row["id"] for row in await owner.fetch("SELECT id FROM incident ORDER BY id")]
    found = [] if incidents == sorted(promises.incidents) else [f"incidents {incidents}, promised {sorted(promises.incidents)}"]
    messages = {row["id"] for row in await owner.fetch("SELECT id FROM message")}
    found += [f"a promised message is not there: {one}" for one in promises.messages if one not in messages]
    phones = Counter(row["address"] for row in await owner.fetch("SELECT address FROM contact_point"))
    found += [f"brought in, and there {phones[one]} times: {one}" for one in promises.phones if phones[one] != 1]
    for what, links in (("answered", promises.answered), ("responded", promises.responded)):
        for link in links:
            target = read_reference("-".join(urlsplit(link).path.rpartition("/")[2].split("-")[:3]))
            if not await owner.fetchval(_PRESSED[what], target.community_id, target.message_id, target.no):
                found.append(f"{what}, and on no disk: {link}")
    return found
