-- report/models: every trained model with its test scores, and whether its trial is the selected one.
-- grain   (backbone, variant, trial, seed)
-- reads   results, selections
-- params  none
-- audits  none

select
    results.backbone,
    results.variant,
    results.trial,
    results.seed,
    results.role, -- base, control or knowledge
    results.settings, -- JSON
    results.engine,
    -- A single trial is selected; of several, none until selections exist.
    coalesce(
        selections.is_selected,
        min(results.trial) over same_variant = max(results.trial) over same_variant
    ) as is_selected,
    results.auc,
    results.logloss,
    results.gauc,
    results.ece,
    results.valid_auc,
    results.valid_logloss,
    results.best_epoch,
    results.epochs,
    results.selected_on,
    results.parameters,
    results.train_rows,
    results.valid_rows,
    results.test_rows,
    results.user_coverage,
    results.item_coverage,
    results.seconds
from results
left join selections
    on results.backbone = selections.backbone
    and results.variant = selections.variant
    and results.trial = selections.trial
window same_variant as (partition by results.backbone, results.variant)
order by results.backbone, results.role, results.variant, results.trial, results.seed -- base, controls, knowledge
