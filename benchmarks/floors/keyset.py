"""Floor of a list page's SQL: the page behind a place, by keyset, over repositories that are known."""

from __future__ import annotations

PAGE = """
SELECT request.id, request.asked_at, request.status, request.answers, request.email_domain, repository.name,
       person.username, person.fullname
FROM access_accessrequest request
JOIN repos_repository repository ON repository.id = request.repository_id
LEFT JOIN accounts_hubidentity person ON person.id = request.person_id
WHERE request.status = 'pending' AND request.repository_id IN ({repositories})
  AND (request.asked_at, request.id) < ('{at}', {pk})
ORDER BY request.asked_at DESC, request.id DESC LIMIT 41
"""
PLACE = """
SELECT request.asked_at, request.id FROM access_accessrequest request
WHERE request.status = 'pending' AND request.repository_id IN ({repositories})
ORDER BY request.asked_at DESC, request.id DESC OFFSET {offset} LIMIT 1
"""
EXACT = "SELECT count(*) FROM access_accessrequest WHERE status = 'pending' AND repository_id IN ({repositories})"
FACETS = "SELECT status, count(*) FROM access_accessrequest WHERE repository_id IN ({repositories}) GROUP BY status"
