// The one argument of the `gliss model` commands that look at a model.

import ArgumentParser

struct ModelArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A folder or a name. Default: GLISS_MODEL, else the settings file, else the bundled model.",
      valueName: "model"))
  var model: String?
}
