import js from "@eslint/js";

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // tsc knows the names of the browser and of acts.js, and finds those that are nowhere.
      "no-undef": "off",
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
    },
  },
  {
    // It stands before each component's script: what it declares is used there.
    files: ["ui/components/acts.js"],
    languageOptions: { sourceType: "script" },
    rules: { "no-unused-vars": ["error", { vars: "local" }] },
  },
];
