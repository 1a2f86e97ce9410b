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
INSERT INTO session (token_hash, account_id, community_id, csrf, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: read_session
-- fills: api.auth.sessions.SessionRow
-- Roles are read at each request, so that taking one away takes effect at once; a disabled account has no session.
SELECT s.account_id, a.company_id, s.community_id, a.login, a.display_name AS name, a.language, s.csrf,
       (SELECT array_agg(m.role) FROM membership m
        WHERE m.account_id = s.account_id AND m.community_id = s.community_id) AS roles,
       (SELECT min(m.person_id) FROM membership m
        WHERE m.account_id = s.account_id AND m.community_id = s.community_id) AS person_id
FROM session s JOIN account a ON a.id = s.account_id
WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.disabled_at IS NULL;

-- name: delete_session
-- Log-out.
DELETE FROM session WHERE token_hash = $1;

-- name: delete_sessions_of
-- Disabling ends what is open.
DELETE FROM session WHERE account_id = $1;

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

-- name: count_failure
-- Doubles from one second after $2 free tries, to $3 seconds at most; a quarter of an hour without failures forgets them.
INSERT INTO login_attempt AS known (bucket, failures, retry_at) VALUES ($1, 1, clock_timestamp())
ON CONFLICT (bucket) DO UPDATE SET
    failures = CASE WHEN known.retry_at < clock_timestamp() - interval '15 minutes' THEN 1 ELSE least(known.failures + 1, 1000) END,
    retry_at = clock_timestamp() + CASE
        WHEN known.failures + 1 <= $2 OR known.retry_at < clock_timestamp() - interval '15 minutes' THEN interval '0'
        ELSE make_interval(secs => least($3::int, power(2, least(known.failures - $2, 10)))) END;

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
