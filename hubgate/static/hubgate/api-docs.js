// The page to try the API: Swagger UI over our own description, with the session of whoever is signed in.
const place = document.getElementById("api");
SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null, // it would be asked on another host
  requestInterceptor: (request) => {
    if (!["GET", "HEAD", undefined].includes(request.method)) {
      request.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
    }
    return request;
  },
});
