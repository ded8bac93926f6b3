package io.sparsescope.rewriter.transform;

import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.transform.FixedPoint.Rounding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;

/** Transforms by name: TensorQuant's kernels and others, files, and what providers offer. */
public final class Transforms {
  /** The threshold, which rules know as {@code threshold}. */
  public static final String SPARSE = "sparse";

  private static final Map<String, TransformProvider> OWN = new TreeMap<>();

  static {
    own("nearest", "nearest,s,p", a -> FixedPoint.parse(Rounding.NEAREST, a));
    own("zero", "zero,s,p", a -> FixedPoint.parse(Rounding.ZERO, a));
    own("down", "down,s,p", a -> FixedPoint.parse(Rounding.DOWN, a));
    own("stochastic", "stochastic,s,p[,SEED]", a -> FixedPoint.parse(Rounding.STOCHASTIC, a));
    own("logarithmic", "logarithmic", a -> alone(a, new Logarithmic()));
    own("half", "half", a -> alone(a, new Half()));
    own("fp16", "fp16", a -> alone(a, new Half()));
    own("binary", "binary,m", Binary::parse);
    own("ternary", "ternary,m[,t]", Ternary::parse);
    own("none", "none", a -> alone(a, new None()));
    own("topk", "topk,k or topk,RATIO with a decimal point", TopK::parse);
    own("nm", "nm,N,M[,AXIS]", NToM::parse);
  }

  private Transforms() {}

  /**
   * Understands a transform as rules write it: a name and, behind commas, arguments; or {@code
   * file:} and the path of an ONNX file.
   *
   * @throws RewriteException if there is no such transform or its arguments are wrong, in one line
   */
  public static Transform parse(String spec) {
    if (spec.strip().startsWith(FunctionFile.PREFIX)) {
      return FunctionFile.of(Path.of(spec.strip().substring(FunctionFile.PREFIX.length()).strip()));
    }
    List<String> parts = parts(spec);
    TransformProvider provider = provider(parts.get(0));
    try {
      return provider.parse(parts.subList(1, parts.size()));
    } catch (IllegalArgumentException e) {
      throw wrong(spec, e);
    }
  }

  /** A transform whose file, if it has one, is meant relative to a folder. */
  public static String resolved(String spec, Path folder) {
    String text = spec.strip();
    return text.startsWith(FunctionFile.PREFIX)
        ? FunctionFile.PREFIX + folder.resolve(text.substring(FunctionFile.PREFIX.length()).strip())
        : spec;
  }

  /**
   * The threshold that a transform is, empty if it is another one.
   *
   * @throws RewriteException if it is one without a number that is finite and not negative
   */
  public static OptionalDouble threshold(String spec) {
    List<String> parts = parts(spec);
    if (!parts.get(0).equals(SPARSE)) {
      return OptionalDouble.empty();
    }
    try {
      Arguments arguments = new Arguments("sparse,T", parts.subList(1, parts.size()));
      arguments.requireCount(1, 1);
      return OptionalDouble.of(arguments.notNegative(0, "T"));
    } catch (IllegalArgumentException e) {
      throw wrong(spec, e);
    }
  }

  private static List<String> parts(String spec) {
    return Arrays.stream(spec.split(",", -1)).map(String::strip).toList();
  }

  private static RewriteException wrong(String spec, IllegalArgumentException e) {
    return new RewriteException("transform \"" + spec + "\": " + e.getMessage(), e);
  }

  private static TransformProvider provider(String name) {
    TransformProvider own = OWN.get(name);
    if (own != null) {
      return own;
    }
    List<String> names = new ArrayList<>(OWN.keySet());
    names.add(SPARSE);
    try {
      for (TransformProvider p :
          ServiceLoader.load(TransformProvider.class, TransformProvider.class.getClassLoader())) {
        if (p.name().equals(name)) {
          return p;
        }
        names.add(p.name());
      }
    } catch (ServiceConfigurationError e) {
      throw new RewriteException(
          "transform \"" + name + "\": a provider on the class path cannot be loaded: " + e, e);
    }
    throw new RewriteException(
        "transform \""
            + name
            + "\" is not known: use one of "
            + String.join(", ", names.stream().sorted().toList())
            + " or file:FUNCTION.onnx, or put its provider on the class path");
  }

  private static Transform alone(Arguments arguments, Transform transform) {
    arguments.requireCount(0, 0);
    return transform;
  }

  private static void own(String name, String form, Function<Arguments, Transform> parse) {
    OWN.put(
        name,
        new TransformProvider() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public Transform parse(List<String> arguments) {
            return parse.apply(new Arguments(form, arguments));
          }
        });
  }
}
