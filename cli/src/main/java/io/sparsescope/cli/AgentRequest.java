package io.sparsescope.cli;

import java.util.Properties;

/**
 * A command for the agent.
 *
 * @param command start, stop, status or dump
 * @param options the agent's options, "" for none
 * @param file the file to write, absolute, "" for the agent's own
 */
record AgentRequest(String command, String options, String file) {

  static AgentRequest of(String command) {
    return new AgentRequest(command, "", "");
  }

  Properties toProperties() {
    Properties values = new Properties();
    values.setProperty("command", command);
    values.setProperty("version", Version.current());
    values.setProperty("options", options);
    values.setProperty("file", file);
    return values;
  }
}
