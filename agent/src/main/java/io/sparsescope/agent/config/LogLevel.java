package io.sparsescope.agent.config;

/** How much the agent says on stderr; each level includes those before it. */
public enum LogLevel {
  OFF,
  ERROR,
  WARN,
  INFO,
  DEBUG
}
