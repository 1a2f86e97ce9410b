-- name: add_gateway
-- A name that the company uses already gives no row.
INSERT INTO gateway (company_id, kind, name, settings, secret_sealed, hook_key, sink, rate_per_second, burst, reserved_share,
                     created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (company_id, name) DO NOTHING
RETURNING id

-- name: add_permit
-- One row a gateway, taken in turns by all workers; from now on the whole burst is free.
INSERT INTO gateway_permit (gateway_id, full_until, bulk_until) VALUES ($1, clock_timestamp(), clock_timestamp())

-- name: get_gateway
-- fills: notifiers.gateways.Gateway
-- The whole row, for opening the channel.
SELECT id, company_id, kind, name, settings, secret_sealed, hook_key, sink, rate_per_second, burst, reserved_share
FROM gateway WHERE id = $1

-- name: gateway_by_hook_key
-- fills: notifiers.gateways.Gateway
-- Who is it that posts to /hooks/<key>/…
SELECT id, company_id, kind, name, settings, secret_sealed, hook_key, sink, rate_per_second, burst, reserved_share
FROM gateway WHERE hook_key = $1

-- name: list_gateways
-- fills: notifiers.gateways.Gateway
-- All of a company's, oldest first.
SELECT id, company_id, kind, name, settings, secret_sealed, hook_key, sink, rate_per_second, burst, reserved_share
FROM gateway WHERE company_id = $1 ORDER BY id

-- name: share_rates
-- By gateway, the first one of the same account; null where it stands alone.
UPDATE gateway SET shares_rate_of = said.leader
FROM unnest($1::bigint[], $2::bigint[]) AS said (id, leader)
WHERE gateway.id = said.id AND gateway.shares_rate_of IS DISTINCT FROM said.leader

-- name: gateways_set_aside
-- fills: notifiers.gateways.GatewaySetAside
-- What does not work now, the longest first.
SELECT gateway.id, gateway.name, permit.set_aside_at AS since, permit.set_aside_why AS why
FROM gateway_permit AS permit JOIN gateway ON gateway.id = permit.gateway_id
WHERE permit.set_aside_at IS NOT NULL ORDER BY permit.set_aside_at

-- name: gateway_of_community
-- fills: notifiers.gateways.Gateway
-- A community uses its own company's gateways and no other's.
SELECT gateway.id, gateway.company_id, gateway.kind, gateway.name, gateway.settings, gateway.secret_sealed, gateway.hook_key,
       gateway.sink, gateway.rate_per_second, gateway.burst, gateway.reserved_share
FROM community JOIN gateway ON gateway.company_id = community.company_id
WHERE community.id = $1 AND gateway.id = $2

-- name: add_channel
-- A community's use of a gateway; whether it is a sink is the gateway's own and copied, so that routes can be held to it.
INSERT INTO channel (community_id, gateway_id, kind, rank, signature, templates, sink, enabled)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING id

-- name: list_channels
-- fills: notifiers.gateways.ChannelRow
-- In the order in which ways are tried.
SELECT channel.id, channel.gateway_id, channel.kind, channel.rank, channel.signature, channel.templates, channel.sink,
       channel.enabled, gateway.kind AS gateway_kind, gateway.name AS gateway_name, gateway.hook_key,
       permit.set_aside_at, permit.set_aside_why
FROM channel JOIN gateway ON gateway.id = channel.gateway_id
LEFT JOIN gateway_permit AS permit ON permit.gateway_id = gateway.id
WHERE channel.community_id = $1
ORDER BY channel.rank, channel.id

-- name: get_channel
-- fills: notifiers.gateways.ChannelRow
-- One channel of the community.
SELECT channel.id, channel.gateway_id, channel.kind, channel.rank, channel.signature, channel.templates, channel.sink,
       channel.enabled, gateway.kind AS gateway_kind, gateway.name AS gateway_name, gateway.hook_key,
       permit.set_aside_at, permit.set_aside_why
FROM channel JOIN gateway ON gateway.id = channel.gateway_id
LEFT JOIN gateway_permit AS permit ON permit.gateway_id = gateway.id
WHERE channel.community_id = $1 AND channel.id = $2

-- name: change_gateway_settings
-- The provider is reached elsewhere now.
UPDATE gateway SET settings = $2 WHERE id = $1

-- name: change_gateway_rate
-- What the provider takes now.
UPDATE gateway SET rate_per_second = $2, burst = $3 WHERE id = $1;

-- name: change_channel
-- What is null stays as it is.
UPDATE channel
SET rank = coalesce($3, rank), signature = coalesce($4, signature), templates = coalesce($5, templates), enabled = coalesce($6, enabled)
WHERE community_id = $1 AND id = $2;

-- name: sealed_secrets
-- All of them, held against a change meanwhile.
SELECT id, secret_sealed FROM gateway WHERE secret_sealed IS NOT NULL ORDER BY id FOR UPDATE;

-- name: reseal_secret
-- The same secret under the present key.
UPDATE gateway SET secret_sealed = $2 WHERE id = $1;
