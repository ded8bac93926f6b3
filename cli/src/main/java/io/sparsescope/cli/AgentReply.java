package io.sparsescope.cli;

/**
 * What the agent answers to a command.
 *
 * @param text one line that says what was done
 * @param result what was asked for, in the command's own format, "" if it has none
 */
record AgentReply(String text, String result) {}
