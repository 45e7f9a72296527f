-- Isolation of organisations. Roles (alra_app, alra_lookup) are made before the first migration: libs/embedded/src/roles.ts, deploy/postgres/roles.sh.

-- Every table with org_id goes through this: forced row-level security, one policy, rights for the app role.
-- current_setting is '' and not NULL after a transaction-local set has ended; the sub-select makes it one evaluation per statement.
CREATE PROCEDURE isolate_by_organisation(target regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format(
    'CREATE POLICY organisation ON %s TO alra_app '
    'USING (org_id = (SELECT nullif(current_setting(''app.org'', true), '''')::uuid)) '
    'WITH CHECK (org_id = (SELECT nullif(current_setting(''app.org'', true), '''')::uuid))', target);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO alra_app', target);
END $$;

REVOKE ALL ON PROCEDURE isolate_by_organisation(regclass) FROM PUBLIC;

CALL isolate_by_organisation('organisations');
CALL isolate_by_organisation('users');
CALL isolate_by_organisation('api_clients');
CALL isolate_by_organisation('signing_keys');
CALL isolate_by_organisation('sessions');
CALL isolate_by_organisation('outbound_sends');
CALL isolate_by_organisation('sandbox_deliveries');
CALL isolate_by_organisation('session_diagnostics');
CALL isolate_by_organisation('contacts');
CALL isolate_by_organisation('contact_identities');
CALL isolate_by_organisation('leads');
CALL isolate_by_organisation('conversations');
CALL isolate_by_organisation('messages');
CALL isolate_by_organisation('message_acks');
CALL isolate_by_organisation('analysis');
CALL isolate_by_organisation('settings');
CALL isolate_by_organisation('command_answers');

-- Before an organisation is known: a webhook names a Meta phone number or a verify token, a token request a client id.
-- These functions are all that passes row-level security; they run as a role that can read these columns and nothing else.
GRANT USAGE ON SCHEMA public TO alra_app, alra_lookup;

CREATE POLICY lookup ON sessions FOR SELECT TO alra_lookup USING (true);
GRANT SELECT (org_id, id, driver, credentials, route_hash, verify_token_hash) ON sessions TO alra_lookup;

CREATE FUNCTION lookup_sessions(route bytea)
RETURNS TABLE (org_id uuid, id uuid, credentials bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s.org_id, s.id, s.credentials FROM public.sessions s
  WHERE s.route_hash = route OR s.verify_token_hash = route
  ORDER BY s.id LIMIT 8
$$;
ALTER FUNCTION lookup_sessions(bytea) OWNER TO alra_lookup;
REVOKE ALL ON FUNCTION lookup_sessions(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_sessions(bytea) TO alra_app;

CREATE POLICY lookup ON api_clients FOR SELECT TO alra_lookup USING (true);
GRANT SELECT (org_id, id, secret_hash, scopes, revoked_at) ON api_clients TO alra_lookup;

CREATE FUNCTION lookup_api_client(client uuid)
RETURNS TABLE (org_id uuid, id uuid, secret_hash bytea, scopes text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.org_id, c.id, c.secret_hash, c.scopes FROM public.api_clients c
  WHERE c.id = client AND c.revoked_at IS NULL
$$;
ALTER FUNCTION lookup_api_client(uuid) OWNER TO alra_lookup;
REVOKE ALL ON FUNCTION lookup_api_client(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_api_client(uuid) TO alra_app;

-- One statement of one organisation in one round trip: for the hot path, where opening a transaction costs more than the statement.
-- It runs with its caller's rights, so row-level security holds; whatever the statement is, the caller could have sent it itself.
CREATE FUNCTION in_organisation(organisation uuid, statement text, payload jsonb) RETURNS SETOF jsonb
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.org', organisation::text, true);
  RETURN QUERY EXECUTE statement USING payload;
END $$;
REVOKE ALL ON FUNCTION in_organisation(uuid, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION in_organisation(uuid, text, jsonb) TO alra_app;
