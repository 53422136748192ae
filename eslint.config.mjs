import js from "@eslint/js";

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // tsc knows the names of the browser, and finds those that are nowhere.
      "no-undef": "off",
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
    },
  },
];
