CREATE TABLE `reminder_count` (
	`sale_id` text PRIMARY KEY NOT NULL,
	`reminders` integer NOT NULL,
	`told_at_ms` integer
);
CREATE TRIGGER reminder_counted AFTER INSERT ON reminder BEGIN INSERT INTO reminder_count (sale_id, reminders) VALUES (NEW.sale_id, 1) ON CONFLICT (sale_id) DO UPDATE SET reminders = reminders + 1; END;
CREATE TRIGGER reminder_uncounted AFTER DELETE ON reminder BEGIN UPDATE reminder_count SET reminders = reminders - 1 WHERE sale_id = OLD.sale_id; END;
