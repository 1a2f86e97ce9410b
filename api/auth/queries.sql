-- name: insert_token
-- Only the hash is stored.
INSERT INTO api_token (token_hash, company_id, community_id, name, role, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: read_token
-- fills: api.auth.tokens.StoredToken
-- A token that holds at $2.
SELECT company_id, community_id, name, role FROM api_token
WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2);

-- name: revoke_token
-- Takes effect with the next request.
UPDATE api_token SET revoked_at = $3 WHERE company_id = $1 AND name = $2 AND revoked_at IS NULL;

-- name: community_of_company
-- Another company's community is not found.
SELECT id FROM community WHERE id = $1 AND company_id = $2;

-- name: insert_session
-- Only the hash is stored.
INSERT INTO session (token_hash, account_id, community_id, csrf, created_at, expires_at, device_id) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: read_session
-- fills: api.auth.sessions.SessionRow
-- Roles are read at each request, so that taking one away takes effect at once; a disabled account has no session. What was opened by PIN
-- holds at that device ($3) alone.
SELECT s.account_id, a.company_id, s.community_id, a.login, a.display_name AS name, a.language, s.csrf, s.device_id IS NOT NULL AS by_pin,
       (SELECT array_agg(m.role) FROM membership m
        WHERE m.account_id = s.account_id AND m.community_id = s.community_id) AS roles,
       (SELECT min(m.person_id) FROM membership m
        WHERE m.account_id = s.account_id AND m.community_id = s.community_id) AS person_id
FROM session s JOIN account a ON a.id = s.account_id
WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.disabled_at IS NULL AND (s.device_id IS NULL OR s.device_id = $3);

-- name: delete_session
-- Log-out.
DELETE FROM session WHERE token_hash = $1;

-- name: delete_sessions_of
-- Disabling ends what is open.
DELETE FROM session WHERE account_id = $1;

-- name: delete_sessions_at
-- A device that is withdrawn ends whoever is signed on at it.
DELETE FROM session WHERE device_id = $1;

-- name: delete_pin_sessions_of
-- Another PIN, or none: what was opened by the old one ends.
DELETE FROM session WHERE account_id = $1 AND device_id IS NOT NULL;

-- name: communities_of_account
-- A 400 centre serves several.
SELECT DISTINCT community_id FROM membership WHERE account_id = $1 ORDER BY community_id;

-- name: accounts_by_login
-- fills: api.auth.login.AccountRow
-- A login is unique within a company; a disabled account cannot log in.
SELECT a.id, a.password_hash,
       (SELECT min(m.community_id) FROM membership m WHERE m.account_id = a.id) AS community_id
FROM account a WHERE a.login = $1 AND a.disabled_at IS NULL ORDER BY a.id LIMIT 5;

-- name: wait_seconds
-- Machine time: seconds until one of these may try again; null when all may now.
SELECT ceil(extract(epoch FROM max(retry_at) - clock_timestamp()))::int FROM login_attempt
WHERE bucket = ANY ($1::text[]) AND retry_at > clock_timestamp();

-- name: forget_failures
-- A right password clears the account's count, not the peer's.
DELETE FROM login_attempt WHERE bucket = ANY ($1::text[]);

-- name: set_password
-- A new password or a stronger hash of the same one.
UPDATE account SET password_hash = $2 WHERE id = $1;

-- name: insert_link
-- Only the hash is stored.
INSERT INTO login_link (token_hash, account_id, expires_at) VALUES ($1, $2, $3);

-- name: link_holds
-- Looking does not use it up.
SELECT account_id FROM login_link WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2;

-- name: use_link
-- fills: api.auth.login.AccountRow
-- The first to come uses it up; the row's lock makes a second one wait and find it used.
UPDATE login_link AS link SET used_at = $2
FROM account a
WHERE link.token_hash = $1 AND link.used_at IS NULL AND link.expires_at > $2 AND a.id = link.account_id AND a.disabled_at IS NULL
RETURNING a.id, a.password_hash,
          (SELECT min(m.community_id) FROM membership m WHERE m.account_id = a.id) AS community_id;

-- name: insert_account
-- The login is unique within its company.
INSERT INTO account (company_id, login, display_name, password_hash, language, created_at) VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id;

-- name: account_of_login
-- Within one company a login is one account.
SELECT id FROM account WHERE company_id = $1 AND login = $2 AND disabled_at IS NULL;

-- name: upsert_membership
-- One row for each role.
INSERT INTO membership (account_id, community_id, role, person_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, community_id, role) DO UPDATE SET person_id = excluded.person_id;

-- name: remove_membership
-- Sessions look at each request whether they still have a role.
DELETE FROM membership WHERE account_id = $1 AND community_id = $2 AND role = $3;

-- name: disable_account
-- The account stays, because the record names it.
UPDATE account SET disabled_at = $3 WHERE company_id = $1 AND login = $2 AND disabled_at IS NULL RETURNING id;

-- name: take_try
-- A try of a password or a PIN, counted before it is judged; no row while the bucket must wait. Doubles from one second after $2 free tries, to $3 seconds.
INSERT INTO login_attempt AS known (bucket, failures, retry_at) VALUES ($1, 1, clock_timestamp())
ON CONFLICT (bucket) DO UPDATE SET
    failures = CASE WHEN known.retry_at < clock_timestamp() - $4::interval THEN 1 ELSE least(known.failures + 1, 1000) END,
    retry_at = clock_timestamp() + CASE
        WHEN known.failures + 1 <= $2 OR known.retry_at < clock_timestamp() - $4::interval THEN interval '0'
        ELSE make_interval(secs => least($3::int, power(2, least(known.failures - $2, 10)))) END
WHERE known.retry_at <= clock_timestamp()
RETURNING failures;

-- name: give_back_try
-- A right password or PIN costs where it came from nothing, and forgives it nothing either.
UPDATE login_attempt SET failures = greatest(failures - 1, 0), retry_at = least(retry_at, clock_timestamp()) WHERE bucket = $1;

-- name: insert_device
-- Only the cookie's hash is stored.
INSERT INTO desk_device (community_id, token_hash, csrf, name, enrolled_by, enrolled_at, last_seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id;

-- name: rename_device
-- One that is in use.
UPDATE desk_device SET name = $3 WHERE community_id = $1 AND id = $2 AND withdrawn_at IS NULL;

-- name: withdraw_device
-- Its row stays, because the record names it.
UPDATE desk_device SET withdrawn_at = $3, withdrawn_by = $4 WHERE community_id = $1 AND id = $2 AND withdrawn_at IS NULL RETURNING name;

-- name: device_of_community
-- Another community's device is not found.
SELECT id FROM desk_device WHERE community_id = $1 AND id = $2;

-- name: read_device
-- fills: api.auth.devices.Device
-- Whether this browser is a desk, at each request: a withdrawal takes effect at once.
SELECT id, community_id, name, csrf, last_seen_at FROM desk_device WHERE token_hash = $1 AND withdrawn_at IS NULL;

-- name: device_seen
-- To the minute.
UPDATE desk_device SET last_seen_at = $2 WHERE id = $1;

-- name: devices
-- fills: api.auth.devices.DeviceRow
-- What there is, and what there was.
SELECT d.id, d.name, d.enrolled_by, d.enrolled_at, d.last_seen_at, d.withdrawn_at, d.withdrawn_by,
       (SELECT a.display_name FROM session s JOIN account a ON a.id = s.account_id
        WHERE s.device_id = d.id AND s.expires_at > $2 ORDER BY s.created_at DESC LIMIT 1) AS signed_on
FROM desk_device d WHERE d.community_id = $1 ORDER BY d.withdrawn_at DESC NULLS FIRST, d.name;

-- name: insert_desk_log
-- Only ever added to.
INSERT INTO desk_log (community_id, at, what, device_id, account_id, by_name, words) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: last_of_desk_log
-- fills: api.auth.desk_log.LogRow
-- With the names of today; what was given at the time stands in the words.
SELECT l.at, l.what, d.name AS device, a.display_name AS account, l.by_name, l.words
FROM desk_log l LEFT JOIN desk_device d ON d.id = l.device_id LEFT JOIN account a ON a.id = l.account_id
WHERE l.community_id = $1 ORDER BY l.id DESC LIMIT $2;

-- name: staff_by_number
-- fills: api.auth.pins.NumberRow
-- Only who has a role here and is not disabled.
SELECT n.account_id, a.display_name AS name, n.number, n.pin_hash,
       (SELECT min(m.person_id) FROM membership m WHERE m.account_id = n.account_id AND m.community_id = $1) AS person_id
FROM staff_number n JOIN account a ON a.id = n.account_id
WHERE n.community_id = $1 AND n.number = $2 AND a.disabled_at IS NULL
  AND EXISTS (SELECT FROM membership m WHERE m.account_id = n.account_id AND m.community_id = $1);

-- name: staff
-- fills: api.auth.pins.StaffRow
-- Who may be given a number.
SELECT m.account_id, a.login, a.display_name AS name, array_agg(m.role ORDER BY m.role) AS roles, n.number, n.pin_set_at, n.pin_set_by
FROM membership m JOIN account a ON a.id = m.account_id
LEFT JOIN staff_number n ON n.community_id = m.community_id AND n.account_id = m.account_id
WHERE m.community_id = $1 AND a.disabled_at IS NULL
GROUP BY m.account_id, a.login, a.display_name, n.number, n.pin_set_at, n.pin_set_by ORDER BY a.display_name, m.account_id;

-- name: give_number
-- One number an account.
INSERT INTO staff_number (community_id, account_id, number) VALUES ($1, $2, $3)
ON CONFLICT (community_id, account_id) DO UPDATE SET number = excluded.number;

-- name: set_pin
-- Whose PIN it was does not matter to the new one.
UPDATE staff_number SET pin_hash = $3, pin_set_at = $4, pin_set_by = $5 WHERE community_id = $1 AND account_id = $2;

-- name: clear_pin
-- The number stays.
UPDATE staff_number SET pin_hash = NULL, pin_set_at = NULL, pin_set_by = NULL
WHERE community_id = $1 AND account_id = $2 AND pin_hash IS NOT NULL;

-- name: insert_wall
-- Only the hash is stored.
INSERT INTO wall_token (community_id, token_hash, name, made_by, made_at) VALUES ($1, $2, $3, $4, $5);

-- name: read_wall
-- fills: api.auth.walls.Wall
-- The wall whose address this is, also one that is withdrawn: its screen says so.
SELECT id, name, made_by, made_at, withdrawn_by, withdrawn_at FROM wall_token WHERE community_id = $1 AND token_hash = $2;

-- name: walls
-- fills: api.auth.walls.Wall
-- Those that hold first, then the newest; there are few.
SELECT id, name, made_by, made_at, withdrawn_by, withdrawn_at FROM wall_token
WHERE community_id = $1 ORDER BY withdrawn_at IS NOT NULL, id DESC LIMIT 100;

-- name: withdraw_wall
-- Takes effect within the next beat of its stream.
UPDATE wall_token SET withdrawn_by = $3, withdrawn_at = $4 WHERE community_id = $1 AND id = $2 AND withdrawn_at IS NULL;
