package io.sparsescope.agent.runtime;

import java.nio.file.Path;

/**
 * What people may do with the agent while the JVM runs, whichever way they reach it: by attaching,
 * or by JMX. Safe for use by many threads. Exceptions carry one line that says what is wrong; none
 * of the methods reaches into the application.
 */
public interface Control extends Observed {
  /**
   * Instruments from now on. Does nothing if the agent runs already.
   *
   * @param options as behind the {@code =} of {@code -javaagent}; null or empty for none
   * @return one line that says what was done
   * @throws io.sparsescope.agent.config.OptionException if an option is wrong
   * @throws io.sparsescope.rewriter.RewriteException if the rule file cannot be read
   */
  String start(String options);

  /**
   * Undoes the instrumentation; what was counted stays readable. Does nothing if the agent is
   * stopped already.
   *
   * @return one line that says what was done
   */
  String stop();

  /**
   * Writes the profile now.
   *
   * @param file where to; null or empty for the file that the options name
   * @return the file that was written, absolute
   * @throws io.sparsescope.profile.ProfileException if it cannot be written
   * @throws io.sparsescope.agent.config.OptionException if it is no file name, or none is given and
   *     the options name none
   */
  Path dump(String file);

  /** Counts from nought again. Models, sessions and what is in force stay known. */
  void reset();

  /** How the agent is doing. */
  Status status();
}
