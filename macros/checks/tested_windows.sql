{#-
    The window that the tests of a build check. Expanding all 90 for every contact takes longer than the build, so only
    `make audit` does it. The steps behind the windows are tested in full.
-#}
{% macro tested_windows() -%}
    window_days {{ 'between 1 and 90' if env_var('CONTACT_SCORING_AUDIT', 'false') == 'true' else '= 30' }}
{%- endmacro %}
