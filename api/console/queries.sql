-- name: numbers_of
-- fills: api.console.directory.NumberOf
-- Under which number each of these people is called first, and whose it is where it is somebody else's.
SELECT DISTINCT ON (person_id) person_id, address AS number, proxy_name, proxy_relation
FROM contact_point
WHERE community_id = $1 AND person_id = ANY ($2::bigint[]) AND kind IN ('mobile', 'landline') AND quality IN ('unproven', 'good', 'failing')
ORDER BY person_id, rank, kind DESC, id;

-- name: priority_homes
-- fills: api.console.directory.PriorityHome
-- Who must be asked in person within a place: those on whom a device depends first, then in walking order.
SELECT p.id AS person_id, p.name, home.id AS home_id, home.names AS home, n.powered_device, p.language AS speaks, p.dialect,
       p.preferred_means
FROM place_within AS w
JOIN place AS home ON home.community_id = $1 AND home.id = w.place_id AND home.kind = 'home'
JOIN residence AS r ON r.community_id = $1 AND r.home_id = home.id AND (r.until IS NULL OR r.until > $3)
JOIN need_of_help AS n ON n.community_id = $1 AND n.person_id = r.person_id
JOIN person AS p ON p.community_id = $1 AND p.id = n.person_id AND p.merged_into IS NULL
WHERE w.community_id = $1 AND w.ancestor_id = $2
ORDER BY n.powered_device DESC, length(home.code), home.code, p.id
LIMIT 60;

-- name: who_is_done
-- Who has nothing more to do here: the last word of each, where it was "done".
SELECT p.name
FROM (
    SELECT DISTINCT ON (person_id) person_id, kind FROM answer
    WHERE community_id = $1 AND incident_id = $2 ORDER BY person_id, id DESC) AS latest
JOIN person AS p ON p.community_id = $1 AND p.id = latest.person_id
WHERE latest.kind = 'done'
ORDER BY p.name;

-- name: binder_homes
-- fills: api.console.binder.BinderHome
-- Every home of the community as one walks past them: by the building and stairs, bottom up. $2 today.
SELECT home.id AS home_id, way.building_id, inside.id AS inside_id, inside.names AS inside, way.floor, home.label, who.called,
       coalesce(who.first, false) AS first, home.vacant
FROM place AS home
CROSS JOIN LATERAL (
    SELECT array_agg(a.rank ORDER BY w.depth DESC) FILTER (WHERE a.kind <> 'community') AS path,
           max(a.label) FILTER (WHERE a.kind = 'floor') AS floor,
           coalesce((array_agg(a.id) FILTER (WHERE a.kind = 'building'))[1], 0) AS building_id,
           (array_agg(a.id ORDER BY w.depth) FILTER (WHERE a.kind IN ('unit', 'building', 'community')))[1] AS inside_id
    FROM place_within AS w JOIN place AS a ON a.community_id = $1 AND a.id = w.ancestor_id
    WHERE w.community_id = $1 AND w.place_id = home.id
) AS way
JOIN place AS inside ON inside.community_id = $1 AND inside.id = way.inside_id
LEFT JOIN LATERAL (
    SELECT (array_agg(p.name ORDER BY r.role, p.id))[1] AS called, bool_or(n.person_id IS NOT NULL) AS first
    FROM residence AS r
    JOIN person AS p ON p.community_id = $1 AND p.id = r.person_id
    LEFT JOIN need_of_help AS n ON n.community_id = $1 AND n.person_id = r.person_id
    WHERE r.community_id = $1 AND r.home_id = home.id AND (r.until IS NULL OR r.until > $2)
) AS who ON true
WHERE home.community_id = $1 AND home.kind = 'home'
ORDER BY way.path, home.id;

-- name: head_hash
-- The hash to which a record has come.
SELECT head_hash FROM incident WHERE community_id = $1 AND id = $2;

-- name: ended_lately
-- The ids of the incidents that ended last.
SELECT id FROM incident
WHERE community_id = $1 AND closed_at IS NOT NULL
ORDER BY closed_at DESC LIMIT $2;

-- name: words_of_help
-- What the people of a home wrote when they asked for help.
SELECT words FROM response
WHERE community_id = $1 AND incident_id = $2 AND person_id = ANY ($3::bigint[]) AND kind <> 'all_safe' AND words <> ''
ORDER BY id DESC LIMIT 1;

-- name: quiet_since
-- When the last incident ended, for as long as nothing goes on.
SELECT closed_at FROM incident WHERE community_id = $1 AND closed_at IS NOT NULL ORDER BY closed_at DESC LIMIT 1;

-- name: words_of_self_report
-- What somebody without proof wrote of a home ($3), or of one that nobody understood ($4, as it was typed).
SELECT words FROM self_report
WHERE community_id = $1 AND incident_id = $2 AND kind <> 'all_safe' AND words <> ''
  AND CASE WHEN $3::bigint IS NULL THEN home_id IS NULL AND said_home = $4 ELSE home_id = $3 END
ORDER BY id DESC LIMIT 1;

-- name: text_in_language
-- What a message says to somebody who reads another language than it was sent in.
SELECT text FROM message_text WHERE community_id = $1 AND message_id = $2 AND language = $3;

-- name: anybody_told
-- Whether a message to residents of this incident, or of one that became part of it, has reached anybody or may still.
SELECT EXISTS (
    SELECT FROM message AS m
    WHERE m.community_id = $1 AND m.kind = 'broadcast' AND m.confirmed + m.handed_over + m.trying + m.unknown > 0
      AND m.subject = ANY (ARRAY(SELECT $2::bigint UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2)));
