CREATE TABLE `attention_item` (
	`item_id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`sale_id` text,
	`sku` text,
	`rows` text NOT NULL,
	`detail` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`last_seen_at_ms` integer NOT NULL,
	`resolved_at_ms` integer,
	`resolved_by` text,
	`note` text
);

CREATE INDEX `attention_open` ON `attention_item` (`created_at_ms`,`item_id`) WHERE resolved_at_ms IS NULL;
CREATE TABLE `audit_entry` (
	`chain` text NOT NULL,
	`sequence` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`type` text NOT NULL,
	`actor` text NOT NULL,
	`body` text NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`chain`, `sequence`)
);

CREATE TABLE `contact` (
	`shopper` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`updated_at_ms` integer NOT NULL
);

CREATE TABLE `message` (
	`event_id` text NOT NULL,
	`shopper` text NOT NULL,
	`kind` text NOT NULL,
	`priority` text NOT NULL,
	`sale_id` text NOT NULL,
	`sku` text,
	`order_id` text,
	`created_at_ms` integer NOT NULL,
	`facts` text NOT NULL,
	`state` text DEFAULT 'due' NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_at_ms` integer DEFAULT 0 NOT NULL,
	`sent_at_ms` integer,
	`error` text,
	PRIMARY KEY(`event_id`, `shopper`)
);

CREATE INDEX `messages_due` ON `message` (`next_at_ms`) WHERE state = 'due';
CREATE INDEX `messages_by_item` ON `message` (`sku`,`order_id`);
CREATE TABLE `notification` (
	`event_id` text NOT NULL,
	`shopper` text NOT NULL,
	`kind` text NOT NULL,
	`sale_id` text NOT NULL,
	`order_id` text,
	`subject` text NOT NULL,
	`text` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`event_id`, `shopper`)
);

CREATE INDEX `notifications_by_shopper` ON `notification` (`shopper`,`at_ms`,`event_id`);
CREATE TABLE `payment` (
	`order_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`sale_id` text NOT NULL,
	`sku` text NOT NULL,
	`method` text NOT NULL,
	`state` text NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`error` text,
	`version` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	PRIMARY KEY(`order_id`, `attempt`)
);

CREATE INDEX `payments_by_item` ON `payment` (`sku`,`order_id`,`attempt`);
CREATE TABLE `rebuilt_audit_entry` (
	`chain` text NOT NULL,
	`sequence` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`type` text NOT NULL,
	`actor` text NOT NULL,
	`body` text NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`chain`, `sequence`)
);

CREATE TABLE `rebuilt_ledger_event` (
	`sku` text NOT NULL,
	`sequence` integer NOT NULL,
	`sale_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`type` text NOT NULL,
	`order_id` text,
	`body` text NOT NULL,
	`hash` text,
	PRIMARY KEY(`sku`, `sequence`)
);

CREATE TABLE `rebuilt_message` (
	`event_id` text NOT NULL,
	`shopper` text NOT NULL,
	`kind` text NOT NULL,
	`priority` text NOT NULL,
	`sale_id` text NOT NULL,
	`sku` text,
	`order_id` text,
	`created_at_ms` integer NOT NULL,
	`facts` text NOT NULL,
	PRIMARY KEY(`event_id`, `shopper`)
);

CREATE TABLE `rebuilt_orders` (
	`order_id` text PRIMARY KEY NOT NULL,
	`sale_id` text NOT NULL,
	`sku` text NOT NULL,
	`shopper` text NOT NULL,
	`number` integer NOT NULL,
	`quantity` integer NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`status` text NOT NULL,
	`version` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`payment_state` text,
	`payment_attempts` integer NOT NULL,
	`payment_error` text,
	`payment_method` text,
	`payment_attention` text,
	`payment_action_url` text
);

CREATE TABLE `rebuilt_payment` (
	`order_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`sale_id` text NOT NULL,
	`sku` text NOT NULL,
	`method` text NOT NULL,
	`state` text NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`error` text,
	`version` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	PRIMARY KEY(`order_id`, `attempt`)
);

CREATE TABLE `rebuilt_stock_level` (
	`sku` text PRIMARY KEY NOT NULL,
	`sale_id` text NOT NULL,
	`sequence` integer NOT NULL,
	`stock` integer NOT NULL,
	`available` integer NOT NULL,
	`held` integer NOT NULL,
	`sold` integer NOT NULL
);

CREATE TABLE `reconciliation` (
	`sku` text PRIMARY KEY NOT NULL,
	`sale_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`through_sequence` integer NOT NULL,
	`differences` integer NOT NULL,
	`figures` text NOT NULL
);

CREATE TABLE `reminder` (
	`sale_id` text NOT NULL,
	`shopper` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`told_at_ms` integer,
	PRIMARY KEY(`sale_id`, `shopper`)
);

CREATE INDEX `reminders_untold` ON `reminder` (`sale_id`,`shopper`) WHERE told_at_ms IS NULL;
ALTER TABLE `ledger_event` ADD `hash` text;