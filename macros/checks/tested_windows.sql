{#-
    The window that the tests of a build look at: to unfold all 90 for every contact takes longer than the build.
    `make audit` does. The steps behind them are tested whole.
-#}
{% macro tested_windows() -%}
    window_days {{ 'between 1 and 90' if env_var('CONTACT_SCORING_AUDIT', 'false') == 'true' else '= 30' }}
{%- endmacro %}
