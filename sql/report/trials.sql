-- report/trials: every trial of a grid or search with its settings; no rows without one.
-- grain   (backbone, variant, trial)
-- reads   selections, results
-- params  none
-- audits  none

with set_by_trial as (
    select distinct
        backbone,
        variant,
        trial,
        role,
        settings
    from results
)

select
    selections.backbone,
    selections.variant,
    selections.trial,
    set_by_trial.settings, -- JSON
    selections.seeds,
    selections.split, -- valid, test or last
    selections.metric, -- auc or logloss
    selections.value, -- mean over seeds
    selections.is_selected
from selections
inner join set_by_trial
    on selections.backbone = set_by_trial.backbone
    and selections.variant = set_by_trial.variant
    and selections.trial = set_by_trial.trial
where set_by_trial.settings <> '{}'
order by selections.backbone, set_by_trial.role, selections.variant, selections.trial
