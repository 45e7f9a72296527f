-- CreateTable
CREATE TABLE "organisations" (
    "org_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organisations_pkey" PRIMARY KEY ("org_id","id")
);

-- CreateTable
CREATE TABLE "users" (
    "org_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "username" BYTEA NOT NULL,
    "email" BYTEA NOT NULL,
    "email_hash" BYTEA NOT NULL,
    "password_hash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_login" TIMESTAMPTZ(3),
    "is_active" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "users_pkey" PRIMARY KEY ("org_id","id")
);

-- CreateTable
CREATE TABLE "api_clients" (
    "org_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" BYTEA NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_clients_pkey" PRIMARY KEY ("org_id","id")
);

-- CreateTable
CREATE TABLE "signing_keys" (
    "org_id" UUID NOT NULL,
    "kid" TEXT NOT NULL,
    "jwk" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("org_id","kid")
);

-- CreateTable
CREATE TABLE "sessions" (
    "org_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" BYTEA NOT NULL,
    "driver" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "credentials" BYTEA,
    "route_hash" BYTEA,
    "verify_token_hash" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("org_id","id")
);

-- CreateTable
CREATE TABLE "outbound_sends" (
    "org_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "provider_id" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "reason" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbound_sends_pkey" PRIMARY KEY ("org_id","message_id")
);

-- CreateTable
CREATE TABLE "sandbox_deliveries" (
    "org_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "to_hash" BYTEA NOT NULL,
    "recipient" BYTEA NOT NULL,
    "content" BYTEA NOT NULL,
    "provider_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sandbox_deliveries_pkey" PRIMARY KEY ("org_id","id")
);

-- CreateTable
CREATE TABLE "session_diagnostics" (
    "org_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "what" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "session_diagnostics_pkey" PRIMARY KEY ("org_id","id")
);

-- CreateTable
CREATE TABLE "contacts" (
    "org_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contacts_pkey" PRIMARY KEY ("org_id","id")
);

-- CreateTable
CREATE TABLE "contact_identities" (
    "org_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "value_hash" BYTEA NOT NULL,
    "value" BYTEA NOT NULL,
    "contact_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contact_identities_pkey" PRIMARY KEY ("org_id","kind","value_hash")
);

-- CreateTable
CREATE TABLE "leads" (
    "org_id" UUID NOT NULL,
    "contact_id" UUID NOT NULL,
    "stage" TEXT NOT NULL DEFAULT 'new',
    "score" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "leads_pkey" PRIMARY KEY ("org_id","contact_id")
);

-- CreateTable
CREATE TABLE "conversations" (
    "org_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "contact_id" UUID NOT NULL,
    "whatsapp_id" BYTEA NOT NULL,
    "user_id" UUID,
    "customer_name" BYTEA,
    "customer_phone" BYTEA,
    "status" TEXT NOT NULL DEFAULT 'open',
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "last_message_at" TIMESTAMPTZ(3) NOT NULL,
    "last_message_id" UUID,
    "last_message_seq" BIGINT NOT NULL DEFAULT 0,
    "last_preview" BYTEA,
    "last_direction" TEXT,
    "last_type" TEXT,
    "unread" INTEGER NOT NULL DEFAULT 0,
    "last_intent" TEXT,
    "last_sentiment" TEXT,
    "last_analysed_at" TIMESTAMPTZ(3),
    "last_analysed_seq" BIGINT NOT NULL DEFAULT 0,
    "lead_score" INTEGER,

    CONSTRAINT "conversations_pkey" PRIMARY KEY ("org_id","id")
);

-- CreateTable
CREATE TABLE "messages" (
    "org_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "provider_id" TEXT,
    "content" BYTEA,
    "message_type" TEXT NOT NULL,
    "direction" TEXT NOT NULL,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,
    "time_flag" TEXT,
    "seq" BIGINT NOT NULL,
    "ack" SMALLINT,
    "failure" TEXT,
    "sent_by" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "messages_pkey" PRIMARY KEY ("org_id","id")
);

-- CreateTable
CREATE TABLE "message_acks" (
    "org_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "provider_id" TEXT NOT NULL,
    "ack" SMALLINT NOT NULL,
    "failure" TEXT,

    CONSTRAINT "message_acks_pkey" PRIMARY KEY ("org_id","session_id","provider_id")
);

-- CreateTable
CREATE TABLE "analysis" (
    "org_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "tier" TEXT NOT NULL,
    "model_version" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "sentiment_score" DOUBLE PRECISION NOT NULL,
    "sentiment_label" TEXT NOT NULL,
    "intent_classification" TEXT NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "lead_score" INTEGER NOT NULL,
    "suggested_responses" BYTEA NOT NULL,
    "analyzed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "analysis_pkey" PRIMARY KEY ("org_id","message_id","tier","model_version")
);

-- CreateTable
CREATE TABLE "settings" (
    "org_id" UUID NOT NULL,
    "scope" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("org_id","scope","subject")
);

-- CreateTable
CREATE TABLE "command_answers" (
    "org_id" UUID NOT NULL,
    "app" TEXT NOT NULL,
    "client" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "answer" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "command_answers_pkey" PRIMARY KEY ("org_id","app","client","key")
);

-- CreateIndex
CREATE INDEX "organisations_org_id_created_at_id_idx" ON "organisations"("org_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "users_email_hash_key" ON "users"("email_hash");

-- CreateIndex
CREATE UNIQUE INDEX "api_clients_id_key" ON "api_clients"("id");

-- CreateIndex
CREATE INDEX "sessions_org_id_created_at_id_idx" ON "sessions"("org_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "sessions_route_hash_idx" ON "sessions"("route_hash");

-- CreateIndex
CREATE INDEX "sessions_verify_token_hash_idx" ON "sessions"("verify_token_hash");

-- CreateIndex
CREATE INDEX "sandbox_deliveries_org_id_session_id_at_id_idx" ON "sandbox_deliveries"("org_id", "session_id", "at", "id");

-- CreateIndex
CREATE INDEX "session_diagnostics_org_id_session_id_at_id_idx" ON "session_diagnostics"("org_id", "session_id", "at" DESC, "id");

-- CreateIndex
CREATE INDEX "contact_identities_org_id_contact_id_idx" ON "contact_identities"("org_id", "contact_id");

-- CreateIndex
CREATE INDEX "conversations_org_id_last_message_at_id_idx" ON "conversations"("org_id", "last_message_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_org_id_status_last_message_at_id_idx" ON "conversations"("org_id", "status", "last_message_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_org_id_contact_id_idx" ON "conversations"("org_id", "contact_id");

-- CreateIndex
CREATE UNIQUE INDEX "conversations_org_id_session_id_contact_id_key" ON "conversations"("org_id", "session_id", "contact_id");

-- CreateIndex
CREATE INDEX "messages_org_id_conversation_id_timestamp_seq_id_idx" ON "messages"("org_id", "conversation_id", "timestamp" DESC, "seq" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "messages_org_id_session_id_provider_id_key" ON "messages"("org_id", "session_id", "provider_id");

-- CreateIndex
CREATE INDEX "command_answers_expires_at_idx" ON "command_answers"("expires_at");

-- AddForeignKey
ALTER TABLE "contact_identities" ADD CONSTRAINT "contact_identities_org_id_contact_id_fkey" FOREIGN KEY ("org_id", "contact_id") REFERENCES "contacts"("org_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "leads" ADD CONSTRAINT "leads_org_id_contact_id_fkey" FOREIGN KEY ("org_id", "contact_id") REFERENCES "contacts"("org_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_org_id_contact_id_fkey" FOREIGN KEY ("org_id", "contact_id") REFERENCES "contacts"("org_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "messages" ADD CONSTRAINT "messages_org_id_conversation_id_fkey" FOREIGN KEY ("org_id", "conversation_id") REFERENCES "conversations"("org_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
