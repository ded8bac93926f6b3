/**
 * Builds the nets of the paper as inference models: LeNet, CifarNet, ResNet-14, ResNet-50 and
 * AlexNet, after the nets of TF-Slim that its authors used. Node names carry the paper's scopes.
 * Knows nothing of training or of running models.
 */
package io.sparsescope.onnx.zoo;
