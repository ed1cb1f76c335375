INSERT INTO reminder_count (sale_id, reminders, told_at_ms)
SELECT sale_id, count(*), NULL FROM reminder WHERE true GROUP BY sale_id
ON CONFLICT (sale_id) DO UPDATE SET reminders = excluded.reminders;
