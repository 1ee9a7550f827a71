/* SPDX-License-Identifier: MIT */

#include "service/dialect.h"

enum pool_generation dialect_generation(const struct config_subscription *config)
{
    static const enum pool_generation generations[] = {
        [CONFIG_GENERATION_AUTO] = POOL_BY_CODE,
        [CONFIG_GENERATION_CUSTOM] = POOL_CUSTOM,
        [CONFIG_GENERATION_SUBSCRIPTION] = POOL_SUBSCRIPTION,
        [CONFIG_GENERATION_FUNCTIONS] = POOL_FUNCTIONS,
    };

    return generations[config->generation];
}

enum pool_eval dialect_eval(const struct config_subscription *config)
{
    static const enum pool_eval evals[] = {
        [CONFIG_EVAL_AUTO] = POOL_EVAL_BY_GENERATION,
        [CONFIG_EVAL_ON] = POOL_EVAL_ON,
        [CONFIG_EVAL_OFF] = POOL_EVAL_OFF,
    };

    return evals[config->allow_eval];
}

enum sandbox_level dialect_minimum(const struct config *config)
{
    if (config->runners.sandbox == CONFIG_SANDBOX_STRICT)
        return SANDBOX_LEVEL_STRICT;
    if (config->runners.sandbox == CONFIG_SANDBOX_HARDENED)
        return SANDBOX_LEVEL_HARDENED;
    /* auto takes the strongest there is, but never runs code without a filter. */
    return SANDBOX_LEVEL_LAMBDA;
}
