-- The buildings of a community are found by themselves: what counts homes by building read every place of every community before.

CREATE INDEX place_buildings ON place (community_id) WHERE kind = 'building';
