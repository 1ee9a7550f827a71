/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * commands - what the rows of the table (command.c) run, one function a row.
 *
 * Each returns 0, or an exit code above 0 when it did its work and the answer is no (its
 * output then says so), or -1 with the failure in @err.
 */

struct call;
struct err;

int completion_run(struct call *call, struct err *err);
int config_check_run(struct call *call, struct err *err);
int config_reference_run(struct call *call, struct err *err);
int config_show_run(struct call *call, struct err *err);
int dead_discard_run(struct call *call, struct err *err);
int dead_list_run(struct call *call, struct err *err);
int dead_replay_run(struct call *call, struct err *err);
int dev_run(struct call *call, struct err *err);
int emulator_clock_run(struct call *call, struct err *err);
int emulator_env_run(struct call *call, struct err *err);
int emulator_exec_run(struct call *call, struct err *err);
int emulator_fault_run(struct call *call, struct err *err);
int emulator_reset_run(struct call *call, struct err *err);
int emulator_snapshot_run(struct call *call, struct err *err);
int emulator_start_run(struct call *call, struct err *err);
int emulator_status_run(struct call *call, struct err *err);
int endpoint_get_run(struct call *call, struct err *err);
int endpoint_list_run(struct call *call, struct err *err);
int endpoint_pause_run(struct call *call, struct err *err);
int endpoint_ping_run(struct call *call, struct err *err);
int endpoint_resume_run(struct call *call, struct err *err);
int events_export_run(struct call *call, struct err *err);
int events_get_run(struct call *call, struct err *err);
int events_list_run(struct call *call, struct err *err);
int events_replay_run(struct call *call, struct err *err);
int events_tail_run(struct call *call, struct err *err);
int explain_run(struct call *call, struct err *err);
int fn_check_run(struct call *call, struct err *err);
int fn_new_run(struct call *call, struct err *err);
int fn_run_run(struct call *call, struct err *err);
int fn_test_run(struct call *call, struct err *err);
int help_run(struct call *call, struct err *err);
int install_button_run(struct call *call, struct err *err);
int install_forget_run(struct call *call, struct err *err);
int install_get_run(struct call *call, struct err *err);
int install_list_run(struct call *call, struct err *err);
int install_refresh_run(struct call *call, struct err *err);
int install_start_run(struct call *call, struct err *err);
int install_sync_run(struct call *call, struct err *err);
int install_token_run(struct call *call, struct err *err);
int keys_create_run(struct call *call, struct err *err);
int keys_list_run(struct call *call, struct err *err);
int keys_revoke_run(struct call *call, struct err *err);
int lambda_invoke_run(struct call *call, struct err *err);
int lambda_package_run(struct call *call, struct err *err);
int lambda_run_run(struct call *call, struct err *err);
int lambda_serve_run(struct call *call, struct err *err);
int lambda_template_run(struct call *call, struct err *err);
int segment_api_run(struct call *call, struct err *err);
int segment_catalog_run(struct call *call, struct err *err);
int segment_destinations_run(struct call *call, struct err *err);
int segment_sources_run(struct call *call, struct err *err);
int segment_workspaces_run(struct call *call, struct err *err);
int serve_run(struct call *call, struct err *err);
int sign_run(struct call *call, struct err *err);
int status_run(struct call *call, struct err *err);
int audit_list_run(struct call *call, struct err *err);
int user_add_run(struct call *call, struct err *err);
int user_list_run(struct call *call, struct err *err);
int user_password_run(struct call *call, struct err *err);
int user_remove_run(struct call *call, struct err *err);
int user_role_run(struct call *call, struct err *err);
int token_create_run(struct call *call, struct err *err);
int token_list_run(struct call *call, struct err *err);
int token_revoke_run(struct call *call, struct err *err);
int trigger_run(struct call *call, struct err *err);
int vault_rotate_run(struct call *call, struct err *err);
int verify_run(struct call *call, struct err *err);
int version_run(struct call *call, struct err *err);
