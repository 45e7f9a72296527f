#!/bin/sh
# Makes Alra's roles in a new database: the owner migrates, the apps connect as a role that owns nothing.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -v owner_password="$ALRA_OWNER_PASSWORD" -v login_password="$ALRA_LOGIN_PASSWORD" <<'SQL'
CREATE ROLE alra_owner LOGIN CREATEROLE PASSWORD :'owner_password';
CREATE ROLE alra_login LOGIN PASSWORD :'login_password';
CREATE ROLE alra_app NOLOGIN;
CREATE ROLE alra_lookup NOLOGIN;
GRANT alra_app TO alra_login;
GRANT alra_lookup TO alra_owner WITH ADMIN OPTION;
CREATE DATABASE alra OWNER alra_owner;
REVOKE CONNECT ON DATABASE alra FROM PUBLIC;
GRANT CONNECT ON DATABASE alra TO alra_login;
\connect alra
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO alra_app;
GRANT USAGE, CREATE ON SCHEMA public TO alra_lookup;
SQL
