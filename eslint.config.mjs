import js from "@eslint/js";

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // tsc knows the names of the browser, of acts.js and elements.js, and finds those that are nowhere.
      "no-undef": "off",
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
    },
  },
  {
    // They stand before each component's script: what they declare is used there.
    files: ["ui/components/acts.js", "ui/components/elements.js"],
    languageOptions: { sourceType: "script" },
    rules: { "no-unused-vars": ["error", { vars: "local" }] },
  },
];
