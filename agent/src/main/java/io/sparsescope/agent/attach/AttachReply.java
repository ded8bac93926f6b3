package io.sparsescope.agent.attach;

import static java.util.Objects.requireNonNull;

/**
 * The answer to a request.
 *
 * @param done whether what was asked for was done
 * @param text one line that says what was done, or what is wrong
 * @param result what was asked for, in the command's own format; "" if it has none
 */
public record AttachReply(boolean done, String text, String result) {
  public AttachReply {
    requireNonNull(text, "text");
    requireNonNull(result, "result");
  }

  public static AttachReply done(String text) {
    return new AttachReply(true, text, "");
  }

  public static AttachReply failed(String text) {
    return new AttachReply(false, text, "");
  }
}
