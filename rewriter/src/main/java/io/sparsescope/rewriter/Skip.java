package io.sparsescope.rewriter;

/**
 * Something a rule selected that could not be done.
 *
 * @param node the node's name
 * @param tensor the tensor's name, "" if it is not about one
 * @param reason why, in a few words
 */
public record Skip(String node, String tensor, String reason) {}
