-- inspect/request_failures: why prompts have no usable answer, most frequent first.
-- grain   (model, task, status, error)
-- reads   requests(model, task, status, error, attempts)
-- params  $top  BIGINT = 20, reasons shown

select
    model,
    task,
    status, -- rejected, filtered, length, empty or failed
    error,
    count(*) as calls,
    avg(attempts) as mean_attempts -- how often each was sent
from requests
where status <> 'ok'
group by model, task, status, error
order by calls desc, model, task, status, error
limit cast($top as bigint)
